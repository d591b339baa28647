import type { KeyFileContent, StoredKey } from './stored-key.ts';
import type { Result } from '../std/result.ts';

/** Why something cannot be done with a key, in a sentence for the operator. */
export interface KeyProblem {
  readonly kind: 'unknown-team' | 'unknown-key' | 'not-valid' | 'bad-value' | 'rotation-runs' | 'too-many' | 'store-unavailable';
  readonly message: string;
}

export interface Edited<Answer> {
  readonly keys: readonly StoredKey[];
  readonly answer: Answer;
}

/** A change to what is kept: it is given all keys and says how they shall be. */
export type Edit<Answer> = (keys: readonly StoredKey[]) => Result<Edited<Answer>, KeyProblem>;

export interface Changed<Answer> {
  readonly content: KeyFileContent;
  readonly answer: Answer;
}

/** Where keys are kept. Several processes may use one place at once. */
export interface KeyStore {
  /** Lets `edit` change what is kept now, while nobody else can; resolves once it would survive a loss of power. */
  change<Answer>(edit: Edit<Answer>): Promise<Result<Changed<Answer>, KeyProblem>>;
  /** Resolves when whoever else uses the place has had the time to see what was changed. */
  seenByAll(): Promise<void>;
}

/** Randomness and digests, which need the platform. */
export interface KeySecrets {
  /** Fills an array with random bytes fit for keys. */
  readonly random: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** HMAC-SHA-256 under each pepper that is valid, the present one first. */
  readonly digests: (key: string) => readonly PepperedDigest[];
  /** Compares two digests in constant time. */
  readonly isEqual: (a: Uint8Array, b: Uint8Array) => boolean;
}

export interface PepperedDigest {
  readonly pepper: string;
  readonly digest: Uint8Array;
}
