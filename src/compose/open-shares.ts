import { LossWatch, type DetectedLoss } from '../policy/shares/loss-watch.ts';
import { ShareCaps } from '../policy/shares/share-caps.ts';
import type { ChipFacts } from '../fleet/chips/chip-facts.ts';
import { SiliconBook } from '../fleet/chips/silicon-book.ts';
import type { CapTally } from '../policy/shares/cap-tally.ts';
import type { Clock } from '../std/clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { LedgerDesk } from '../ledger/ledger-desk.ts';

const lookEveryMs = 500;

export interface ShareSurroundings {
  readonly clock: Clock;
  readonly fleet: Pick<Fleet, 'status'>;
  readonly say: (message: string) => void;
  /** How many processes serve: each resumes with its part of what all served. */
  readonly processes: number;
}

export interface OpenedShares {
  /** What is known of a chip. */
  readonly chip: (name: string) => ChipFacts | undefined;
  readonly shares: ShareCaps;
  readonly tallies: () => readonly CapTally[];
  /** Other caps and control groups from now on. */
  readonly use: (config: Config) => void;
  /** Takes in what the present windows have served by the ledger, and begins to watch for losses. */
  readonly begin: (desk: Pick<LedgerDesk, 'sumLoads'>) => Promise<void>;
  readonly stop: () => void;
}

/** The caps on shares with what feeds them: the configuration, the ledger at the start, and losses that the fleet shows. */
export function openShares(started: Config, { clock, fleet, say, processes }: ShareSurroundings): OpenedShares {
  let config = started;
  let book = new SiliconBook(config);
  const shares = new ShareCaps(config.caps, {
    originMs: clock.nowMs() - clock.wallMs(),
    controlGroupOf: (vendor) => book.controlGroupOf(vendor),
  });
  const watch = new LossWatch(() => config.dependence.lossAfterMs);
  let lost: readonly DetectedLoss[] = [];
  let cancel = (): void => {};
  const look = (): void => {
    cancel = clock.after(lookEveryMs, look);
    const now = config.caps.length === 0 ? [] : watch.look(watchedPlaces(fleet, config), clock.nowMs());
    if (JSON.stringify(now) === JSON.stringify(lost)) return;
    for (const { vendor, models } of now) {
      shares.declareLoss({ by: 'vendor', name: vendor }, clock.nowMs(), models);
      if (!lost.some((before) => before.vendor === vendor))
        say(`${vendor} is lost (${listed(models)}): caps on other vendors yield for that until it returns, so that they make no outage of it.`);
    }
    for (const { vendor } of lost) {
      if (now.some((still) => still.vendor === vendor)) continue;
      shares.endLoss({ by: 'vendor', name: vendor });
      say(`${vendor} is back: all caps hold again.`);
    }
    lost = now;
  };
  return {
    shares,
    chip: (name) => book.chip(name),
    tallies: () => shares.tallies(clock.nowMs()),
    use: (next) => {
      config = next;
      book = new SiliconBook(next);
      shares.change(next.caps);
    },
    begin: async (desk) => {
      await resume(shares, desk, clock, processes);
      look();
    },
    stop: () => cancel(),
  };
}

/** Emulated endpoints stand for a vendor only where a cap counts them as its own. */
function watchedPlaces(fleet: Pick<Fleet, 'status'>, { caps }: Config): ReturnType<Fleet['status']> {
  const countsEmulated = caps.some(({ countEmulated }) => countEmulated);
  return fleet.status().filter(({ evidence }) => countsEmulated || evidence !== 'emulated');
}

async function resume(shares: ShareCaps, desk: Pick<LedgerDesk, 'sumLoads'>, clock: Clock, processes: number): Promise<void> {
  for (const { id, windowMs } of shares.caps) {
    const untilWallMs = clock.wallMs();
    const sinceWallMs = Math.floor(untilWallMs / windowMs) * windowMs;
    const rows = await desk.sumLoads({ sinceWallMs, untilWallMs, bucketMs: windowMs, slo: {} });
    const served = rows.map(({ endpointId, vendor, chip, evidence, tokens, usd, requests }) => ({
      endpoint: { id: endpointId, silicon: { vendor, chip, evidence } },
      size: { tokens: tokens / processes, usd: usd / processes, requests: requests / processes },
    }));
    shares.resume(id, served, clock.nowMs());
  }
}

function listed(models: readonly string[]): string {
  return models.length > 3 ? `${models.slice(0, 3).join(', ')} and ${models.length - 3} more` : models.join(', ');
}
