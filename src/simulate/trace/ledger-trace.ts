import { noPrefix, type TraceRequest } from './trace.ts';
import { TraceProblem, tokensOf } from './trace-problem.ts';
import type { TraceOptions } from './read-trace.ts';

const needed = ['opened_at', 'ordinal', 'input_tokens', 'output_tokens'] as const;

/** Whether a line is the header of our ledger's export of attempts. */
export function isLedgerHeader(line: string): boolean {
  const names = line.trim().split(',');
  return needed.every((name) => names.includes(name));
}

/**
 * Our own ledger's attempts as exported: the first attempt of each request, at the time of its dispatch, with what was
 * used. Attempts of which nobody knows the tokens are left out. The ledger keeps no prompts, so prefixes are unknown.
 */
export function* ledgerTrace(header: string, lines: Iterable<string>, options: TraceOptions): Generator<TraceRequest, undefined> {
  const names = header.trim().split(',');
  const at = Object.fromEntries(needed.map((name) => [name, names.indexOf(name)]));
  let line = 1;
  let firstMs: number | undefined;
  let lastMs = 0;
  for (const text of lines) {
    line += 1;
    if (text === '') continue;
    const fields = splitCsv(text);
    const field = (name: (typeof needed)[number]): string | undefined => fields[at[name] ?? -1];
    if (field('ordinal') !== '1' || field('input_tokens') === '' || field('output_tokens') === '') continue;
    const openedMs = Date.parse(field('opened_at') ?? '');
    if (Number.isNaN(openedMs)) throw new TraceProblem(line, '`opened_at` is no time.', 'Export the attempts again.');
    firstMs ??= openedMs;
    // The ledger sorts by wall time, which a clock that was set may have made run back.
    lastMs = Math.max(lastMs, openedMs - firstMs);
    yield {
      atMs: lastMs,
      model: options.model,
      promptTokens: Math.max(1, tokensOf(field('input_tokens'), 'input_tokens', line)),
      outputTokens: Math.max(1, tokensOf(field('output_tokens'), 'output_tokens', line)),
      maxTokens: undefined,
      prefixHashes: noPrefix,
      prefixBlockTokens: options.prefixBlockTokens,
      sloClass: options.sloClass,
    };
  }
  return undefined;
}

/** The fields of a line (RFC 4180), which our export never breaks inside a field that matters here. */
function splitCsv(line: string): string[] {
  if (!line.includes('"')) return line.trimEnd().split(',');
  const fields: string[] = [];
  for (const [, quoted, plain] of line.trimEnd().matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
    fields.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
  return fields;
}
