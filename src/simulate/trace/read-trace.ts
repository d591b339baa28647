import { azureHeader, azureTrace } from './azure-trace.ts';
import { isLedgerHeader, ledgerTrace } from './ledger-trace.ts';
import { mooncakeTrace } from './mooncake-trace.ts';
import { TraceProblem } from './trace-problem.ts';
import type { TraceRequest } from './trace.ts';

export interface TraceOptions {
  /** The logical model that every request asks for. */
  readonly model: string;
  readonly sloClass: string;
  /** For traces without hashes: a multiple of the engines' KV block. */
  readonly prefixBlockTokens: number;
}

/** Reads a trace by the look of its first line, a request at a time. Throws a `TraceProblem` at the first wrong line. */
export function readTrace(lines: Iterable<string>, options: TraceOptions): Generator<TraceRequest, undefined> {
  const iterator = lines[Symbol.iterator]();
  const first = iterator.next();
  if (first.done === true) throw new TraceProblem(1, 'the trace is empty.', 'Give a file with requests.');
  const rest: Iterable<string> = { [Symbol.iterator]: () => iterator };
  const header = first.value.replace(/^﻿/, '').trim();
  if (header === azureHeader) return azureTrace(rest, options);
  if (isLedgerHeader(header)) return ledgerTrace(header, rest, options);
  if (header.startsWith('{')) return mooncakeTrace(withFirst(header, rest), options);
  throw new TraceProblem(
    1,
    'this is no trace that is known here.',
    `It may be Azure’s (a CSV that begins with \`${azureHeader}\`), Mooncake’s (a JSON object a line) or the ledger’s export of attempts as CSV.`,
  );
}

function* withFirst(first: string, rest: Iterable<string>): Generator<string> {
  yield first;
  yield* rest;
}
