import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** A hash over files and folders (names and contents), which changes when anything built from them is stale. */
export function fingerprint(root, paths) {
  const hash = createHash('sha256');
  const add = (relative) => {
    const path = join(root, relative);
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path).sort()) if (name !== 'node_modules' && name !== 'dist') add(join(relative, name));
      return;
    }
    hash.update(`${relative}\0`).update(readFileSync(path)).update('\0');
  };
  for (const path of paths) add(path);
  return hash.digest('hex');
}
