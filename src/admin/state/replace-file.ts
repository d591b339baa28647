import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isErrno } from '../../std/is-errno.ts';

/**
 * Puts a new file, for this user alone, in the place of the old one: whoever reads it, or a loss of power, finds one of
 * the two whole. One at a time: it is for the caller to see to that.
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  try {
    const file = await open(fresh, 'w', 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
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
