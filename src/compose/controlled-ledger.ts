import { createReadStream, readdirSync, rmSync, statSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Clock } from '../std/clock.ts';
import type { ControlledLedger } from '../admin/controlled-ledger.ts';
import type { LedgerDesk } from '../ledger/ledger-desk.ts';

const copyName = /^backup-[0-9a-f]{16}\.sqlite(?:\.unfinished)?$/;
const leftoverMs = 86_400_000;

export interface LedgerSurroundings {
  readonly directory: string;
  readonly desk: LedgerDesk;
  readonly clock: Clock;
  /** Lets every process bring what it holds into the database. */
  readonly gather: () => Promise<unknown>;
}

/** The ledger of a directory for the control API. Copies stand beside the database while they are sent. */
export function controlledLedger({ directory, desk, clock, gather }: LedgerSurroundings): ControlledLedger {
  let running = false;
  const ready = async (): Promise<LedgerDesk> => {
    await gather();
    return desk;
  };
  return {
    desk: ready,
    backUp: async () => {
      if (running) return undefined;
      running = true;
      const path = join(directory, `backup-${randomBytes(8).toString('hex')}.sqlite`);
      try {
        removeLeftovers(directory, clock.wallMs());
        await (await ready()).backUp(path);
      } catch (error) {
        running = false;
        throw error;
      }
      return partsOf(path, () => {
        running = false;
      });
    },
  };
}

async function* partsOf(path: string, whenOver: () => void): AsyncGenerator<Uint8Array> {
  try {
    for await (const part of createReadStream(path)) if (part instanceof Uint8Array) yield part;
  } finally {
    rmSync(path, { force: true });
    whenOver();
  }
}

/** Of a process that died while it sent one. */
function removeLeftovers(directory: string, nowWallMs: number): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (copyName.test(name) && nowWallMs - statSync(path).mtimeMs > leftoverMs) rmSync(path, { force: true });
  }
}
