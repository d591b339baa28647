import { existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CliProblem } from './cli-problem.ts';
import { exitCodes } from './exit-codes.ts';

/** Writes a new file part by part, under its name only once it is whole and on disk. Resolves to its length. */
export async function writeParts(path: string, parts: AsyncIterable<unknown>): Promise<number> {
  if (existsSync(path)) throw new CliProblem(`${path} exists already: give another name.`, exitCodes.usage);
  const unfinished = `${path}.unfinished`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(unfinished, 'w', 0o600);
  let bytes = 0;
  try {
    try {
      for await (const part of parts) {
        if (!(part instanceof Uint8Array)) continue;
        await file.writeFile(part);
        bytes += part.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  return bytes;
}
