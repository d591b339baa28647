import { hash, timingSafeEqual } from 'node:crypto';
import { localCaller, localTenant, type Caller } from '../access/caller.ts';
import type { Fault } from '../std/error-catalogue.ts';
import { failure, success, type Result } from '../std/result.ts';
import type { Fields } from '../http/field-lines.ts';

/** Says who asks, by the head of a request. */
export type Authenticate = (headers: Fields) => Result<Caller, Fault>;

const twoKeys = 'Authorization and x-api-key hold two different keys.';

/**
 * Checks the key, which OpenAI's clients send as a bearer and Anthropic's in `x-api-key`, against those of the
 * configuration. All are compared, each in constant time over digests of equal length, so that timing tells neither
 * which key nor how much of it was right. Without keys the gateway listens on loopback only, and whoever can reach it is
 * the operator.
 */
export function authenticateBy(keys: readonly string[]): Authenticate {
  const known = keys.map((key, index) => ({
    digest: digestOf(key),
    caller: { tenant: localTenant, keyId: `listen-${index + 1}`, rules: undefined },
  }));
  return ({ authorization, 'x-api-key': apiKey }) => {
    if (known.length === 0) return success(localCaller);
    const [, bearer] = /^Bearer +(\S+) *$/i.exec(typeof authorization === 'string' ? authorization : '') ?? [];
    if (typeof apiKey === 'object') return failure({ code: 'invalid_api_key', detail: 'There is more than one x-api-key header.' });
    const other = typeof apiKey === 'string' && apiKey !== '' ? apiKey.trim() : undefined;
    if (bearer !== undefined && other !== undefined && bearer !== other) return failure({ code: 'invalid_api_key', detail: twoKeys });
    const given = bearer ?? other;
    const digest = digestOf(given ?? '');
    let caller: Caller | undefined;
    for (const candidate of known) if (timingSafeEqual(candidate.digest, digest)) caller = candidate.caller;
    return caller !== undefined && given !== undefined ? success(caller) : failure({ code: 'invalid_api_key' });
  };
}

function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
