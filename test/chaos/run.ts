/** `npm run chaos:matrix`: runs every cell and prints what each fault came to. */
import { matrixTable, runMatrix } from './run-matrix.ts';

const shown = 200;
const report = await runMatrix();
process.stdout.write(`${matrixTable(report)}\n`);
for (const line of report.wrong.slice(0, shown)) process.stdout.write(`WRONG ${line}\n`);
if (report.wrong.length > 0) process.exitCode = 1;
