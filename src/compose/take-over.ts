import { readFileSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { inCluster } from './in-cluster.ts';
import { LiveConfig } from './live-config.ts';
import { LiveEndpoints } from './live-endpoints.ts';
import type { Cleanups } from './cleanups.ts';
import type { Config } from '../config/config-schema.ts';
import type { openKeyBook } from './access/open-key-book.ts';
import type { OpenedLimits } from './open-limits.ts';
import type { OpenedRelay } from './open-relay.ts';

export interface TakenOver {
  readonly live: LiveConfig;
  readonly endpoints: LiveEndpoints;
}

/** Which sections a running gateway takes over, and how: each of them stands in `liveSections`, by which several processes are told. */
export function takeOver(
  config: Config,
  { relay: { clock, transport }, fleet, keys, prices, routing, shares, leave, whenGone }: OpenedRelay,
  around: { readonly say: (message: string) => void; readonly access: Awaited<ReturnType<typeof openKeyBook>>; readonly limits: OpenedLimits },
  cleanups: Cleanups,
): TakenOver {
  const { say, access, limits } = around;
  const endpoints = new LiveEndpoints({
    fleet,
    keys,
    transport,
    clock,
    say,
    records: new Resolver({ timeout: 2000, tries: 2 }),
    cluster: () => inCluster(process.env, (path) => readFileSync(path, 'utf8')),
    leave,
    whenGone,
  });
  cleanups.push(() => endpoints.stop());
  const live = new LiveConfig(config, [
    { sections: ['endpoints'], use: (next) => endpoints.use(next.endpoints) },
    { sections: ['teams'], use: (next) => access.teams.use(next.teams) },
    { sections: ['budgets'], use: limits.use },
    { sections: ['prices'], use: (next) => prices.use(next.prices) },
    { sections: ['routing'], use: routing.use },
    { sections: ['vendors', 'controlGroups', 'chips', 'caps', 'dependence', 'webhooks'], use: shares.use },
  ]);
  return { live, endpoints };
}
