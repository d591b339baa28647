import { hash, timingSafeEqual } from 'node:crypto';
import { failure, success, type Result } from '../std/result.ts';
import { KnownCallers } from '../access/known-callers.ts';
import { localCaller, localTenant, type Caller } from '../access/caller.ts';
import type { AdmittedKey, KeyBook } from '../access/key-book.ts';
import type { Clock } from '../std/clock.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { Fields } from '../http/field-lines.ts';
import type { TeamBook } from '../access/team-book.ts';

/** Says who asks, by the head of a request. */
export type Authenticate = (headers: Fields) => Result<Caller, Fault>;

export interface Doorkeeping {
  /** The keys of the configuration itself, which belong to the team `local`. */
  readonly listenKeys: readonly { readonly id: string; readonly key: string }[];
  readonly teams: Pick<TeamBook, 'caller'>;
  readonly book: Pick<KeyBook, 'admit' | 'generation' | 'isRequired'>;
  readonly clock: Pick<Clock, 'wallMs'>;
}

const twoKeys = 'Authorization and x-api-key hold two different keys.';

/**
 * Checks the key, which OpenAI's clients send as a bearer and Anthropic's in `x-api-key`: whether it was seen before, then
 * against the keys of the configuration, then against those of the teams. Without any of these the gateway listens on
 * loopback only, and whoever can reach it is the operator.
 */
export function authenticateBy({ listenKeys, teams, book, clock }: Doorkeeping): Authenticate {
  const known = listenKeys.map(({ id, key }) => ({ id, digest: digestOf(key) }));
  const bearers = new KnownCallers(book, clock);
  const apiKeys = new KnownCallers(book, clock);

  function admit(key: string): Result<AdmittedKey, Fault> {
    const digest = digestOf(key);
    let found: string | undefined;
    // All are compared, each in constant time over digests of equal length, so that timing tells neither which key nor
    // how much of it was right.
    for (const { id, digest: candidate } of known) if (timingSafeEqual(candidate, digest)) found = id;
    const caller = found === undefined ? undefined : teams.caller(localTenant, found, {});
    return caller === undefined ? book.admit(key) : success({ caller, endsAtWallMs: Infinity });
  }

  return ({ authorization, 'x-api-key': apiKey }) => {
    const memory = apiKey === undefined ? bearers : apiKeys;
    // With both, either might be the wrong one.
    const header = apiKey === undefined ? authorization : authorization === undefined ? apiKey : undefined;
    const seen = typeof header === 'string' ? memory.find(header) : undefined;
    if (seen !== undefined) return success(seen);
    if (known.length === 0 && !book.isRequired) return success(localCaller);
    const given = givenKey(authorization, apiKey);
    const admitted = given.ok ? admit(given.value) : given;
    if (!admitted.ok) return admitted;
    if (typeof header === 'string') memory.keep(header, admitted.value);
    return success(admitted.value.caller);
  };
}

function givenKey(authorization: Fields[string], apiKey: Fields[string]): Result<string, Fault> {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(typeof authorization === 'string' ? authorization : '') ?? [];
  if (typeof apiKey === 'object') return failure({ code: 'invalid_api_key', detail: 'There is more than one x-api-key header.' });
  const other = apiKey === undefined || apiKey === '' ? undefined : apiKey;
  if (bearer !== undefined && other !== undefined && bearer !== other) return failure({ code: 'invalid_api_key', detail: twoKeys });
  const given = bearer ?? other;
  return given === undefined ? failure({ code: 'invalid_api_key' }) : success(given);
}

function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}
