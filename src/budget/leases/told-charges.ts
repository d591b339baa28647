import type { ChargedRow } from './lease-message.ts';

/** How far back what was told is remembered: clocks are set back by less, as a rule. */
const rememberedSeconds = 15;
const lookedBackMs = 10_000;

interface Sum {
  tokens: number;
  nanoUsd: number;
}

/**
 * What a holder told lately of charges, by payer and second. Should it die, the ledger has all that it charged; what it
 * never told is the difference.
 */
export class ToldCharges {
  readonly #sums = new Map<string, Sum>();
  #heardAtWallMs: number;

  constructor(wallMs: number) {
    this.#heardAtWallMs = wallMs;
  }

  /** Everything that was charged before this was told: the ledger need not be asked about it. */
  get sinceWallMs(): number {
    return Math.floor((this.#heardAtWallMs - lookedBackMs) / 1000) * 1000;
  }

  heard(rows: readonly ChargedRow[], wallMs: number): void {
    const isLater = Math.floor(wallMs / 1000) > Math.floor(this.#heardAtWallMs / 1000);
    this.#heardAtWallMs = wallMs;
    for (const row of rows) this.#add(row);
    if (!isLater) return;
    const oldest = wallMs / 1000 - rememberedSeconds;
    for (const name of this.#sums.keys()) if (Number(name.slice(0, name.indexOf(' '))) < oldest) this.#sums.delete(name);
  }

  /** What of these charges was never told; it counts as told from now on. */
  untold(rows: readonly ChargedRow[]): readonly ChargedRow[] {
    return rows.flatMap((row) => {
      const told = this.#sums.get(nameOf(row));
      const tokens = Math.max(0, row.tokens - (told?.tokens ?? 0));
      const nanoUsd = Math.max(0, row.nanoUsd - (told?.nanoUsd ?? 0));
      if (tokens === 0 && nanoUsd === 0) return [];
      const untold = { ...row, tokens, nanoUsd };
      this.#add(untold);
      return [untold];
    });
  }

  #add(row: ChargedRow): void {
    const name = nameOf(row);
    const sum = this.#sums.get(name);
    if (sum === undefined) this.#sums.set(name, { tokens: row.tokens, nanoUsd: row.nanoUsd });
    else {
      sum.tokens += row.tokens;
      sum.nanoUsd += row.nanoUsd;
    }
  }
}

function nameOf({ keyId, tenant, second }: ChargedRow): string {
  return `${second} ${JSON.stringify([keyId, tenant])}`;
}
