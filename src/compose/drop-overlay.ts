import { join } from 'node:path';
import { AuditLog } from '../admin/audit/audit-log.ts';
import { lockControl } from './control-lock.ts';
import { isWithin } from '../admin/overlay/edit-overlay.ts';
import { readOverlay, writeOverlay } from '../admin/overlay/overlay-file.ts';
import { StateFile } from '../admin/state/state-file.ts';
import { systemClock } from '../std/clock.ts';
import type { Config } from '../config/config-schema.ts';

/**
 * Drops entries of the overlay while no gateway runs: one that no longer fits the file would not let it start, and with
 * that no control API. Resolves to how many were dropped. Without a name, all are.
 */
export async function dropOverlay({ control }: Config, name: string | undefined, say: (message: string) => void): Promise<number> {
  const lock = lockControl(control.directory);
  try {
    return await drop(control.directory, name, say);
  } finally {
    lock.release();
  }
}

async function drop(directory: string, name: string | undefined, say: (message: string) => void): Promise<number> {
  const file = new StateFile(join(directory, 'overlay.json'));
  const { version, entries } = readOverlay(file);
  const left = name === undefined ? [] : entries.filter((entry) => !isWithin(entry, name));
  const dropped = entries.filter((entry) => !left.includes(entry));
  if (dropped.length === 0) return 0;
  const audit = await AuditLog.open({ directory, clock: systemClock, say, onEntry: () => {} });
  const actor = { kind: 'local', name: 'offline', role: 'admin', address: 'this machine' } as const;
  await audit.append({ actor, action: 'config.reset', target: name ?? 'everything', before: dropped });
  await writeOverlay(file, { format: 1, version: version + 1, entries: left });
  await audit.close();
  return dropped.length;
}
