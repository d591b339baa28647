import { mkdirSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isErrno } from './is-errno.ts';

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
    const written = this.#writing.then(() => this.#replace(text));
    this.#writing = written.catch(() => {});
    return written;
  }

  async #replace(text: string): Promise<void> {
    const temporary = `${this.path}.new`;
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.path);
    await syncFolder(dirname(this.path));
  }
}

/** A rename is on disk once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    // Some file systems do not sync folders; the file itself is synced already.
    if (!isErrno(error, 'EINVAL')) throw error;
  } finally {
    await folder.close();
  }
}
