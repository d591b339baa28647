import type { Finding } from './finding.ts';

/** What one SDK's user had of one engine. */
export interface SdkRow {
  readonly sdk: string;
  readonly held: boolean;
  readonly what: string;
}

/** One line for all SDKs; who had the same in hand is told together. */
export function findingOf(engine: string, subject: string, rows: readonly SdkRow[]): Finding {
  const groups = Map.groupBy(rows, ({ what }) => what);
  const told = [...groups].map(([what, those]) => {
    const names = those.map(({ sdk }) => sdk).join(', ');
    return `${those.length === rows.length && rows.length > 1 ? `all ${rows.length} clients` : names}: ${what}`;
  });
  return { check: 'sdks', subject: `${engine}: ${subject}`, result: rows.every(({ held }) => held) ? 'held' : 'missed', what: told.join('; ') };
}
