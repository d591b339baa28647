import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { CliIo } from './cli-io.ts';

const manifestSchema = z.object({ version: z.string() });

/** The version in this package's own manifest. */
export function productVersion(io: Pick<CliIo, 'readFile'>): string {
  return manifestSchema.parse(JSON.parse(io.readFile(fileURLToPath(new URL('../../package.json', import.meta.url))))).version;
}
