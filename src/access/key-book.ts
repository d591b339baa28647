import { failure, success, type Result } from '../std/result.ts';
import { idBytes, idFrom, readKey, secretBytes, secretFrom, writeKey } from './key-format.ts';
import { KeyShelf } from './key-shelf.ts';
import { keyView, stateOf, type KeyView } from './key-view.ts';
import { withKey, withRevocation, withRotation } from './key-edits.ts';
import type { Caller } from './caller.ts';
import type { Clock } from '../std/clock.ts';
import type { Edit, KeyProblem, KeySecrets, KeyStore } from './key-store.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { KeyFileContent, KeyVersion, StoredKey } from './stored-key.ts';
import type { Scopes } from './scopes.ts';
import type { TeamBook } from './team-book.ts';

export interface KeyBookParts {
  readonly store: KeyStore;
  readonly secrets: KeySecrets;
  readonly teams: TeamBook;
  readonly clock: Pick<Clock, 'wallMs'>;
  /** Stands in every new key, so that people and secret scanners see where it belongs. */
  readonly environment: string;
}

/** What an operator says of a new key. */
export interface NewKey {
  readonly team: string;
  /** What it is for, in the operator's words. */
  readonly name: string;
  readonly scopes: Scopes;
  readonly expiresAtWallMs: number | null;
}

/** A key that was just made, the only time that its text is known. */
export interface MadeKey {
  readonly key: KeyView;
  /** To be shown once, and kept nowhere. */
  readonly secret: string;
}

/** A key that was found to be right, and until when that holds without another look. */
export interface AdmittedKey {
  readonly caller: Caller;
  readonly endsAtWallMs: number;
}

const longestName = 128;

/**
 * The keys of all teams: tells who a key is, and makes, lists, rotates and revokes them for the control API.
 *
 * What changes, in any process on the same store, comes in by `adopt`; the changes of this one are in effect when their
 * promise resolves. Failures are values with a sentence for the operator.
 */
export class KeyBook {
  readonly #parts: KeyBookParts;
  #shelf = new KeyShelf([]);
  #revision = -1;
  #isReadable = false;
  #generation = 0;

  constructor(parts: KeyBookParts) {
    this.#parts = parts;
  }

  /** Grows whenever a key that was right may be so no more: what was remembered of keys before must be forgotten. */
  get generation(): number {
    return this.#generation + this.#parts.teams.generation;
  }

  /** Whether keys are needed: as soon as one or a team was made, and as long as nobody can tell. */
  get isRequired(): boolean {
    return !this.#isReadable || this.#shelf.size > 0 || !this.#parts.teams.isEmpty;
  }

  /** Takes over what the store holds now; `unreadable` lets nobody in until it can be read again. */
  adopt(content: KeyFileContent | 'unreadable'): void {
    if (content === 'unreadable') {
      if (this.#isReadable) this.#generation += 1;
      this.#isReadable = false;
      return;
    }
    this.#shelf = new KeyShelf(content.keys);
    this.#revision = content.revision;
    this.#isReadable = true;
    this.#generation += 1;
  }

  /**
   * Whose key this is. Found by its id and judged by its digest, with the same work for an id that nobody has. That it
   * was revoked or has expired is told only to who holds it. A store that cannot be read is never the client's fault.
   */
  admit(text: string): Result<AdmittedKey, Fault> {
    const parts = readKey(text);
    if (!this.#isReadable) return failure(keysUnavailable);
    if (parts === undefined) return failure({ code: 'invalid_api_key' });
    const { secrets, teams, clock } = this.#parts;
    const digests = secrets.digests(text);
    const judge = this.#shelf.judgeOf(parts.id);
    let matching: KeyVersion | undefined;
    let isPepperKnown = true;
    for (const { version, digest } of judge?.slots ?? []) {
      const given = digests.find(({ pepper }) => pepper === version?.pepper) ?? digests[0];
      if (version !== undefined && given?.pepper !== version.pepper) isPepperKnown = false;
      if (given !== undefined && secrets.isEqual(digest, given.digest)) matching = version;
    }
    if (judge === undefined || matching === undefined)
      return failure(isPepperKnown || judge?.key.id !== parts.id ? { code: 'invalid_api_key' } : keysUnavailable);
    const { key } = judge;
    const nowWallMs = clock.wallMs();
    const state = stateOf(key, nowWallMs);
    if (state !== 'valid') return failure({ code: 'invalid_api_key', detail: state === 'revoked' ? 'The key was revoked.' : 'The key has expired.' });
    const endsAtWallMs = Math.min(matching.endsAtWallMs ?? Infinity, key.expiresAtWallMs ?? Infinity);
    if (endsAtWallMs <= nowWallMs) return failure({ code: 'invalid_api_key', detail: 'The key was replaced by a newer one.' });
    const caller = teams.caller(key.team, key.id, key.scopes);
    return caller === undefined
      ? failure({ code: 'invalid_api_key', detail: 'The team of this key does not exist any more.' })
      : success({ caller, endsAtWallMs });
  }

  /** All keys, the newest first, revoked ones included. */
  list(): readonly KeyView[] {
    const nowWallMs = this.#parts.clock.wallMs();
    return this.#shelf.keys.toReversed().map((key) => keyView(key, nowWallMs));
  }

  find(id: string): KeyView | undefined {
    const key = this.#shelf.find(id);
    return key && keyView(key, this.#parts.clock.wallMs());
  }

  async create(wish: NewKey): Promise<Result<MadeKey, KeyProblem>> {
    const { teams, clock, environment } = this.#parts;
    const nowWallMs = clock.wallMs();
    const { team, name, scopes, expiresAtWallMs } = wish;
    if (!teams.has(team)) return refused('unknown-team', `There is no team ${team.slice(0, 64)}: add it to \`teams\`, or name one that is there.`);
    if (name.length > longestName || /[\x00-\x1f\x7f]/.test(name))
      return refused('bad-value', `A key’s name is one line of at most ${longestName} characters.`);
    if (expiresAtWallMs !== null && (!Number.isInteger(expiresAtWallMs) || expiresAtWallMs <= nowWallMs))
      return refused('bad-value', 'A key must expire in the future.');
    const id = idFrom(this.#random(idBytes));
    const made = this.#version(id, environment, nowWallMs);
    const key: StoredKey = {
      id,
      environment,
      team,
      name,
      scopes,
      expiresAtWallMs,
      createdAtWallMs: nowWallMs,
      revokedAtWallMs: null,
      versions: [made.version],
    };
    return this.#made(made.text, (keys) => withKey(keys, key));
  }

  /** A new secret under the same id; the present one is valid for `overlapMs` more, at most 7 days. */
  async rotate(id: string, { overlapMs }: { readonly overlapMs: number }): Promise<Result<MadeKey, KeyProblem>> {
    const { environment = this.#parts.environment } = this.#shelf.find(id) ?? {};
    const { text, version } = this.#version(id, environment, this.#parts.clock.wallMs());
    return this.#made(text, (keys) => withRotation(keys, id, version, overlapMs));
  }

  /** Ends a key: here at once, in other processes and replicas on the store within two seconds. */
  async revoke(id: string): Promise<Result<KeyView, KeyProblem>> {
    const nowWallMs = this.#parts.clock.wallMs();
    const changed = await this.#change((keys) => withRevocation(keys, id, nowWallMs));
    return changed.ok ? success(keyView(changed.value, nowWallMs)) : changed;
  }

  async #made(secret: string, edit: Edit<StoredKey>): Promise<Result<MadeKey, KeyProblem>> {
    const changed = await this.#change(edit);
    // Whoever is shown a key may use it at once, and may reach another process with it.
    if (changed.ok) await this.#parts.store.seenByAll();
    return changed.ok ? success({ key: keyView(changed.value, this.#parts.clock.wallMs()), secret }) : changed;
  }

  async #change(edit: Edit<StoredKey>): Promise<Result<StoredKey, KeyProblem>> {
    const changed = await this.#parts.store.change(edit);
    if (!changed.ok) return changed;
    // Another process may have changed more since, and that may have been adopted already.
    if (!this.#isReadable || changed.value.content.revision > this.#revision) this.adopt(changed.value.content);
    return success(changed.value.answer);
  }

  #version(id: string, environment: string, nowWallMs: number): { readonly text: string; readonly version: KeyVersion } {
    const secret = secretFrom(this.#random(secretBytes));
    const text = writeKey({ environment, id, secret });
    const [present] = this.#parts.secrets.digests(text);
    const { digest, pepper } = present ?? { digest: new Uint8Array(32), pepper: '' };
    const version = { digest: hexOf(digest), pepper, lastFour: secret.slice(-4), createdAtWallMs: nowWallMs, endsAtWallMs: null };
    return { text, version };
  }

  #random(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    this.#parts.secrets.random(bytes);
    return bytes;
  }
}

const keysUnavailable: Fault = { code: 'keys_unavailable', retryAfterMs: 1000 };

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function refused(kind: KeyProblem['kind'], message: string): { readonly ok: false; readonly failure: KeyProblem } {
  return failure({ kind, message });
}
