import { createHmac, randomFillSync, timingSafeEqual } from 'node:crypto';
import { KeyBook, type MadeKey, type NewKey } from '../key-book.ts';
import { TeamBook, type Team } from '../team-book.ts';
import { success, type Result } from '../../std/result.ts';
import type { KeyFileContent, StoredKey } from '../stored-key.ts';
import type { Changed, Edit, KeyProblem, KeyStore } from '../key-store.ts';

const redAndBlue: readonly Team[] = ['red', 'blue'].map((id) => ({ id, name: id, approvals: {}, scopes: {} }));

/** A book of keys over a store in memory, with a clock that a test sets and real digests. */
export class Desk {
  wallMs = 1_800_000_000_000;
  peppers: readonly string[] = ['first'];
  /** What was asked of the machine for all answers so far. */
  readonly work = { digests: 0, comparisons: 0 };
  readonly teams: TeamBook;
  readonly book: KeyBook;
  readonly store: MemoryKeyStore;
  readonly #given: readonly Team[];

  constructor({ teams = redAndBlue, content = emptyContent }: { readonly teams?: readonly Team[]; readonly content?: KeyFileContent } = {}) {
    this.#given = teams;
    this.teams = new TeamBook(teams);
    this.store = new MemoryKeyStore(content);
    const clock = { wallMs: () => this.wallMs };
    const secrets = {
      random: (bytes: Uint8Array<ArrayBuffer>) => void randomFillSync(bytes),
      digests: (key: string) => {
        this.work.digests += 1;
        return this.peppers.map((pepper) => ({ pepper: pepperId(pepper), digest: createHmac('sha256', pepper).update(key).digest() }));
      },
      isEqual: (one: Uint8Array, other: Uint8Array) => {
        this.work.comparisons += 1;
        return timingSafeEqual(one, other);
      },
    };
    this.book = new KeyBook({ store: this.store, secrets, teams: this.teams, clock, environment: 'test' });
    this.book.adopt(this.store.content);
  }

  /** Another process over the same content, which begins from what is kept. */
  reopened(): Desk {
    const desk = new Desk({ teams: this.#given, content: this.store.content });
    desk.wallMs = this.wallMs;
    desk.peppers = this.peppers;
    return desk;
  }

  async made(wish: Partial<NewKey>): Promise<MadeKey> {
    const made = await this.book.create({ team: 'red', name: '', scopes: {}, expiresAtWallMs: null, ...wish });
    if (!made.ok) throw new Error(made.failure.message);
    return made.value;
  }

  /** Whose key it is, or what its holder is told. */
  admits(text: string): { readonly tenant: string; readonly keyId: string } | string {
    const admitted = this.book.admit(text);
    if (!admitted.ok) return admitted.failure.detail ?? admitted.failure.code;
    const { tenant, keyId } = admitted.value.caller;
    return { tenant, keyId };
  }
}

const emptyContent: KeyFileContent = { format: 1, revision: 0, keys: [] };

/** Two names for one pepper, of which the second tells nothing of it. */
function pepperId(pepper: string): string {
  return createHmac('sha256', pepper).update('id').digest('hex').slice(0, 8);
}

class MemoryKeyStore implements KeyStore {
  seenByAll(): Promise<void> {
    return Promise.resolve();
  }

  content: KeyFileContent;

  constructor(content: KeyFileContent) {
    this.content = content;
  }

  get keys(): readonly StoredKey[] {
    return this.content.keys;
  }

  async change<Answer>(edit: Edit<Answer>): Promise<Result<Changed<Answer>, KeyProblem>> {
    const edited = edit(this.content.keys);
    if (!edited.ok) return edited;
    this.content = { format: 1, revision: this.content.revision + 1, keys: edited.value.keys };
    return success({ content: this.content, answer: edited.value.answer });
  }
}
