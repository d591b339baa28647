import type { TestEndpoint } from './test-fleet.ts';

/**
 * Every gateway of these tests is searched when it stops: whatever the test was about, no key of an endpoint may stand
 * in what was reported, charged or noted of attempts (security requirement S5).
 */
export function tellNoKeys(endpoints: readonly TestEndpoint[], told: unknown): void {
  const keys = endpoints.flatMap(({ key, keys: pool }) => [...(key === undefined ? [] : [key]), ...(pool ?? []).map((one) => one.key)]);
  const text = JSON.stringify(told);
  const leaked = keys.find((key) => key.length >= 8 && text.includes(key));
  if (leaked !== undefined) throw new Error(`the gateway told a key of its endpoints: ${leaked}`);
}
