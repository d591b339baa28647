import { onTestFinished } from 'vitest';
import { startProduct, type Product } from './start-product.ts';
import { writeConfig, type WrittenConfig } from './write-config.ts';
import type { ConfigInput } from '../../src/config/config-schema.ts';
import type { ProcessStatus } from '../../src/admin/internal/joint-status.ts';

export interface SeveralProcesses {
  readonly product: Product;
  readonly config: WrittenConfig;
  /** What the first process says of all. */
  readonly status: () => Promise<ProcessStatus>;
  readonly pids: () => Promise<readonly (number | null)[]>;
}

/** The product in two processes before one endpoint, until the test ends. */
export async function startProcesses(origin: string, more: ConfigInput = {}): Promise<SeveralProcesses> {
  const config = writeConfig(origin, { eventLoopLagMs: 60_000 }, { processes: 2, ...more });
  onTestFinished(() => config.remove());
  const product = await startProduct(['up', '--config', config.path, '--port', '0']);
  onTestFinished(() => product.stop());
  const status = async (): Promise<ProcessStatus> => {
    const headers = { 'x-second-source-control': '1' };
    return JSON.parse(await (await fetch(`${product.controlUrl}/control/v1/status`, { headers })).text());
  };
  return { product, config, status, pids: async () => (await status()).processes.map(({ pid }) => pid) };
}
