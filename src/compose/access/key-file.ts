import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failure, success, type Result } from '../../std/result.ts';
import { isErrno } from '../../std/is-errno.ts';
import { keyFileSchema, type KeyFileContent } from '../../access/stored-key.ts';
import { mkdirSync } from 'node:fs';
import { replaceFile } from '../../admin/state/replace-file.ts';
import { sleep, type Clock } from '../../std/clock.ts';
import { takeProcessLock, type ProcessLock } from '../../ledger/process-lock.ts';
import type { Changed, Edit, KeyProblem, KeyStore } from '../../access/key-store.ts';

/** A change must be seen within two seconds, even where one look fails. */
const lookEveryMs = 500;
/** So many looks in a row may fail before the store counts as unreadable: a replaced file is never half there, but shares hiccup. */
const failuresBorne = 2;
const lockWaitMs = 5000;
const lockRetryMs = 20;

/**
 * The keys in one file, which several processes and replicas may use at once: it is replaced whole, by whoever holds the
 * lock beside it, and looked at twice a second.
 */
export class KeyFile implements KeyStore {
  readonly #path: string;
  readonly #clock: Clock;
  #wasThere = false;
  /** How often this process replaced the file. */
  #changes = 0;

  constructor(directory: string, clock: Clock) {
    this.#path = join(directory, 'keys.json');
    this.#clock = clock;
  }

  /** What is kept; nothing yet is a store without keys. A failure says what is wrong with the file. */
  async read(): Promise<Result<KeyFileContent, string>> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if (isErrno(error, 'ENOENT') && !this.#wasThere) return success({ format: 1, revision: 0, keys: [] });
      // An empty store in its place would let nobody in, and blame the clients.
      if (isErrno(error, 'ENOENT')) return failure(`The store of keys ${this.#path} is gone: restore it from a backup.`);
      return failure(`The store of keys ${this.#path} cannot be read${codeOf(error)}: make it readable for this user.`);
    }
    this.#wasThere = true;
    const parsed = keyFileSchema.safeParse(jsonOf(text));
    if (parsed.success) return success(parsed.data);
    return failure(`The store of keys ${this.#path} is damaged, or was written by a newer version: restore it from a backup, or use that version.`);
  }

  async change<Answer>(edit: Edit<Answer>): Promise<Result<Changed<Answer>, KeyProblem>> {
    const lock = await this.#locked();
    if (lock === undefined) return unavailable('Another process has been changing the store of keys for seconds: try again.');
    try {
      const before = await this.read();
      if (!before.ok) return unavailable(before.failure);
      const edited = edit(before.value.keys);
      if (!edited.ok) return edited;
      const content: KeyFileContent = { format: 1, revision: before.value.revision + 1, keys: edited.value.keys };
      await replaceFile(this.#path, JSON.stringify(content));
      this.#changes += 1;
      return success({ content, answer: edited.value.answer });
    } catch (error) {
      return unavailable(`The store of keys ${this.#path} cannot be written${codeOf(error)}: free disk space, or make its folder writable.`);
    } finally {
      lock.release();
    }
  }

  seenByAll(): Promise<void> {
    return sleep(this.#clock, 2 * lookEveryMs);
  }

  /** Calls `seen` with what is there whenever it changed, and once it could not be read for a while. Returns how to stop. */
  watch(seen: (content: KeyFileContent | 'unreadable', why: string) => void): () => void {
    let known = '';
    let failures = 0;
    let isLooking = false;
    let isStopped = false;
    let cancel = (): void => {};
    const failed = (why: string): void => {
      failures += 1;
      if (failures === failuresBorne) seen('unreadable', why);
    };
    const look = async (): Promise<void> => {
      const mark = await this.#mark();
      if (mark === known && failures === 0) return;
      const changes = this.#changes;
      const content = await this.read();
      // What was read may be from before a change of this process, which must not be undone by it: the next look tells.
      if (isStopped || changes !== this.#changes) return;
      if (!content.ok) return failed(content.failure);
      failures = 0;
      known = mark;
      seen(content.value, '');
    };
    const tick = (): void => {
      cancel = this.#clock.after(lookEveryMs, tick);
      if (isLooking) return failed(`The folder of the store of keys ${this.#path} does not answer.`);
      isLooking = true;
      void look().finally(() => {
        isLooking = false;
      });
    };
    cancel = this.#clock.after(lookEveryMs, tick);
    return () => {
      isStopped = true;
      cancel();
    };
  }

  /** Changes whenever the file is replaced or written. */
  async #mark(): Promise<string> {
    try {
      const { ino, mtimeNs, size } = await stat(this.#path, { bigint: true });
      return `${ino} ${mtimeNs} ${size}`;
    } catch (error) {
      return isErrno(error, 'ENOENT') ? 'missing' : 'unknown';
    }
  }

  async #locked(): Promise<ProcessLock | undefined> {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const untilMs = this.#clock.nowMs() + lockWaitMs;
    for (;;) {
      const lock = takeProcessLock(`${this.#path}.lock`);
      if (lock !== undefined || this.#clock.nowMs() >= untilMs) return lock;
      await sleep(this.#clock, lockRetryMs);
    }
  }
}

function unavailable(message: string): { readonly ok: false; readonly failure: KeyProblem } {
  return failure({ kind: 'store-unavailable', message });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
}
