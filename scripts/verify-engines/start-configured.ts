import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { startProduct, type Product } from '../../test/support/start-product.ts';
import type { ConfigInput } from '../../src/config/config-schema.ts';

export interface Configured {
  readonly product: Product;
  readonly stop: () => Promise<void>;
}

/** Starts the product itself over these endpoints, configured by a file as a user would. */
export async function startConfigured(endpoints: NonNullable<ConfigInput['endpoints']>): Promise<Configured> {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-verify-'));
  const file = join(folder, 'second-source.yaml');
  const config: ConfigInput = { listen: { port: 0 }, endpoints, ledger: { directory: join(folder, 'ledger') } };
  // JSON is YAML, and needs no writer.
  writeFileSync(file, JSON.stringify(config, null, 2));
  const product = await startProduct(['up', '--config', file]);
  return {
    product,
    stop: async () => {
      await product.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
