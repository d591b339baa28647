import { hash, timingSafeEqual } from 'node:crypto';
import type { Fault } from '../std/error-catalogue.ts';
import { failure, success, type Result } from '../std/result.ts';

/** Who pays and whose rules apply. One tenant exists so far; keys and teams of their own come with the key store. */
export type Authenticate = (authorization: string | undefined, apiKey?: string | readonly string[]) => Result<{ readonly tenant: string }, Fault>;

const twoKeys = 'Authorization and x-api-key hold two different keys.';

/**
 * Checks the key, which OpenAI's clients send as a bearer and Anthropic's in `x-api-key`, against those of the
 * configuration. All are compared, each in constant time over digests of equal length, so that timing tells neither
 * which key nor how much of it was right. Without keys the gateway listens on loopback only, and whoever can reach it is
 * the operator.
 */
export function authenticateBy(keys: readonly string[]): Authenticate {
  const digests = keys.map(digestOf);
  return (authorization, apiKey) => {
    if (digests.length === 0) return success({ tenant: 'local' });
    const [, bearer] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (typeof apiKey === 'object') return failure({ code: 'invalid_api_key', detail: 'There is more than one x-api-key header.' });
    const other = typeof apiKey === 'string' && apiKey !== '' ? apiKey.trim() : undefined;
    if (bearer !== undefined && other !== undefined && bearer !== other) return failure({ code: 'invalid_api_key', detail: twoKeys });
    const given = bearer ?? other;
    const digest = digestOf(given ?? '');
    let known = false;
    for (const candidate of digests) known = timingSafeEqual(candidate, digest) || known;
    return known && given !== undefined ? success({ tenant: 'local' }) : failure({ code: 'invalid_api_key' });
  };
}

function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
