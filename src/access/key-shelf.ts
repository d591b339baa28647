import type { KeyVersion, StoredKey } from './stored-key.ts';

/** A key with the digests of its versions as bytes. */
export interface ShelvedKey {
  readonly key: StoredKey;
  /** Two, whether or not there are so many versions: the work is the same for all keys. */
  readonly slots: readonly Slot[];
}

export interface Slot {
  readonly version: KeyVersion | undefined;
  readonly digest: Uint8Array;
}

const nobodysId = '--------';
const emptySlot: Slot = { version: undefined, digest: new Uint8Array(32) };

/** The keys of one content of the store, by their ids. */
export class KeyShelf {
  readonly #keys: readonly ShelvedKey[];
  readonly #placeOf: ReadonlyMap<string, number>;
  /** The ids once more, as texts of their own: one that is the map's own text would be found faster. */
  readonly #copies: readonly string[];

  constructor(keys: readonly StoredKey[]) {
    this.#keys = keys.map(shelved);
    this.#copies = keys.map(({ id }) => [...id].join(''));
    this.#placeOf = new Map(keys.map(({ id }, index) => [id, index]));
  }

  /** In the order in which they were made. */
  get keys(): readonly StoredKey[] {
    return this.#keys.map(({ key }) => key);
  }

  get size(): number {
    return this.#keys.length;
  }

  find(id: string): StoredKey | undefined {
    return this.#keys[this.#placeOf.get(id) ?? -1]?.key;
  }

  /**
   * The key that what a client sent must be judged by: that of its id, or, where nobody has the id, some other, which it
   * cannot be. So the work, and even the memory that is touched, is the same for both, and no time tells which ids there
   * are (security requirement S2).
   */
  judgeOf(id: string): ShelvedKey | undefined {
    const standIn = (id.charCodeAt(7) * 8191 + id.charCodeAt(3) * 127 + id.charCodeAt(1)) % this.#keys.length;
    const place = this.#placeOf.get(id);
    // Each look-up finds something once and nothing once, in one order or the other.
    const other = this.#placeOf.get(place === undefined ? (this.#copies[standIn] ?? nobodysId) : nobodysId);
    return this.#keys[place ?? other ?? -1];
  }
}

function shelved(key: StoredKey): ShelvedKey {
  const slots = key.versions.map((version) => ({ version, digest: bytesOf(version.digest) }));
  return { key, slots: [slots[0] ?? emptySlot, slots[1] ?? emptySlot] };
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}
