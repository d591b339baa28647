import { LedgerDesk } from '../ledger/ledger-desk.ts';
import { LedgerUpkeep } from '../ledger/ledger-upkeep.ts';
import { openSqliteLedger } from '../ledger/open-sqlite-ledger.ts';
import type { Cleanups } from './cleanups.ts';
import type { Clock } from '../std/clock.ts';
import type { Config } from '../config/config-schema.ts';

export interface OpenedLedger {
  readonly ledger: Awaited<ReturnType<typeof openSqliteLedger>>;
  readonly desk: LedgerDesk;
}

/** The ledger of this process, and who keeps it within its retention. */
export async function openLedger(config: Config, clock: Clock, atTurnEnd: (run: () => void) => void, cleanups: Cleanups): Promise<OpenedLedger> {
  const ledger = await openSqliteLedger({ ...config.ledger, clock, atTurnEnd });
  cleanups.push(() => ledger.close());
  const { retentionDays, chargeRetentionDays } = config.ledger;
  const desk = new LedgerDesk((task) => ledger.ask(task));
  const upkeep = new LedgerUpkeep({
    clock,
    retention: { attemptDays: retentionDays, chargeDays: chargeRetentionDays },
    keep: (rules) => desk.keep(rules),
  });
  upkeep.start();
  cleanups.push(() => upkeep.stop());
  return { ledger, desk };
}
