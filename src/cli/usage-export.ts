import { controlClient } from './control-client.ts';
import { exitCodes } from './exit-codes.ts';
import { say, type CliIo } from './cli-io.ts';
import { usageProblem } from './cli-problem.ts';
import type { Arguments } from './parse-arguments.ts';

/** Writes an export as it comes, to a file or, as text, to standard output. What it may ask for is the gateway's to say. */
export async function exportUsageFile(args: Arguments, io: CliIo): Promise<number> {
  const out = args.text('out');
  if (args.text('format') === 'parquet' && out === undefined) throw usageProblem('Parquet is no text: give --out FILE.');
  const query = new URLSearchParams();
  for (const { name, value } of args.given) if (['by', 'from', 'to', 'format', 'rows'].includes(name)) query.append(name, value);
  const { body } = await controlClient(args, io).stream(`/control/v1/usage/export?${query.toString()}`);
  if (out === undefined) {
    const decoder = new TextDecoder();
    for await (const part of body) if (part instanceof Uint8Array) io.stdout.write(decoder.decode(part, { stream: true }));
    return exitCodes.ok;
  }
  const bytes = await io.writeParts(out, body);
  say(io, `${bytes} bytes were written to ${out}.`);
  return exitCodes.ok;
}
