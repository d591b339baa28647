import type { AdmittedKey, KeyBook } from './key-book.ts';
import type { Caller } from './caller.ts';
import type { Clock } from '../std/clock.ts';

const callersKept = 10_000;
/** No key of ours is longer; what clients made up must not fill memory. */
const longestHeader = 512;

/**
 * Callers by the whole text of the header that they were admitted with, so that the hot path is one look-up and no
 * digest. Never by a part of it (CVE-2026-35030: two tokens with one beginning were one caller). Refusals are not
 * remembered: a key that was just made is right at once. All is forgotten when any key or team changes.
 */
export class KnownCallers {
  readonly #book: Pick<KeyBook, 'generation'>;
  readonly #clock: Pick<Clock, 'wallMs'>;
  readonly #callers = new Map<string, AdmittedKey>();
  #generation = -1;

  constructor(book: Pick<KeyBook, 'generation'>, clock: Pick<Clock, 'wallMs'>) {
    this.#book = book;
    this.#clock = clock;
  }

  find(header: string): Caller | undefined {
    const { generation } = this.#book;
    if (generation !== this.#generation) {
      this.#callers.clear();
      this.#generation = generation;
      return undefined;
    }
    const known = this.#callers.get(header);
    if (known === undefined) return undefined;
    if (known.endsAtWallMs === Infinity || this.#clock.wallMs() < known.endsAtWallMs) return known.caller;
    this.#callers.delete(header);
    return undefined;
  }

  /** Keeps what was found in the generation in which `find` last looked. */
  keep(header: string, admitted: AdmittedKey): void {
    if (header.length > longestHeader || this.#book.generation !== this.#generation) return;
    if (this.#callers.size >= callersKept) this.#callers.clear();
    this.#callers.set(header, admitted);
  }
}
