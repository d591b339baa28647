import { hash, timingSafeEqual } from 'node:crypto';
import type { Fault } from '../std/error-catalogue.ts';
import { failure, success, type Result } from '../std/result.ts';

/** Who pays and whose rules apply. One tenant exists so far; keys and teams of their own come with the key store. */
export type Authenticate = (authorization: string | undefined) => Result<{ readonly tenant: string }, Fault>;

/**
 * Checks the bearer key against those of the configuration. All are compared, each in constant time over digests of
 * equal length, so that timing tells neither which key nor how much of it was right. Without keys the gateway listens
 * on loopback only, and whoever can reach it is the operator.
 */
export function authenticateBy(keys: readonly string[]): Authenticate {
  const digests = keys.map(digestOf);
  return (authorization) => {
    if (digests.length === 0) return success({ tenant: 'local' });
    const [, given] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    const digest = digestOf(given ?? '');
    let known = false;
    for (const candidate of digests) known = timingSafeEqual(candidate, digest) || known;
    return known && given !== undefined ? success({ tenant: 'local' }) : failure({ code: 'invalid_api_key' });
  };
}

function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
