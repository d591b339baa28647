import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isErrno } from '../../std/is-errno.ts';
import { replaceFile } from './replace-file.ts';

/** A file of the control state: read once, then only written, each time as a whole and for this user alone. */
export class StateFile {
  readonly path: string;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.path = path;
  }

  /** Undefined where it was never written; throws where it cannot be read. */
  read(): string | undefined {
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    try {
      return readFileSync(this.path, 'utf8');
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  /** Resolves when it is on disk under its name: whoever reads it sees the old text or the new one, never half of one. */
  write(text: string): Promise<void> {
    const written = this.#writing.then(() => replaceFile(this.path, text));
    this.#writing = written.catch(() => {});
    return written;
  }
}
