import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '../../src/config/config-schema.ts';

export interface WrittenConfig {
  readonly path: string;
  readonly ledgerDirectory: string;
  readonly remove: () => void;
}

/** A configuration with one endpoint and a ledger that outlives the process which writes it. */
export function writeConfig(
  origin: string,
  limits: Readonly<Record<string, number>> = {},
  more: ConfigInput = {},
  ledger: ConfigInput['ledger'] = {},
): WrittenConfig {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-config-'));
  const path = join(folder, 'second-source.yaml');
  const ledgerDirectory = join(folder, 'ledger');
  // Every JSON text is YAML too.
  writeFileSync(
    path,
    JSON.stringify({
      endpoints: [{ id: 'slow', url: `${origin}/v1`, models: [{ name: 'm' }] }],
      limits,
      ledger: { directory: ledgerDirectory, ...ledger },
      ...more,
    }),
  );
  return { path, ledgerDirectory, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
