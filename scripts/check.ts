/** What `npm run check` runs: everything about the source that needs no running part. */
import { fileURLToPath } from 'node:url';
import { runChecks } from './run-checks.ts';

process.exitCode = runChecks(fileURLToPath(new URL('..', import.meta.url))).failed > 0 ? 1 : 0;
