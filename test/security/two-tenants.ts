import { failure, success } from '../../src/std/result.ts';
import type { GatewayContext } from '../../src/gateway/gateway-context.ts';

/** The tenants of these tests, each with the one key that is its own. */
export const tenants = { anna: 'key-of-anna', bert: 'key-of-bert' } as const;

/** Knows the two tenants by their keys and nobody else. */
export const authenticateTwo: GatewayContext['authenticate'] = ({ authorization }) => {
  const found = Object.entries(tenants).find(([, key]) => authorization === `Bearer ${key}`);
  return found === undefined ? failure({ code: 'invalid_api_key' }) : success({ tenant: found[0], keyId: `${found[0]}-key`, rules: undefined });
};

export function asTenant(tenant: keyof typeof tenants): Record<string, string> {
  return { authorization: `Bearer ${tenants[tenant]}` };
}
