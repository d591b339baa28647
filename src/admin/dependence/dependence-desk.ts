import { isReplicaId } from '../../fleet/replica.ts';
import { reportDependence } from '../../policy/dependence/report-dependence.ts';
import { SiliconBook } from '../../fleet/chips/silicon-book.ts';
import type { CapTally } from '../../policy/shares/cap-tally.ts';
import type { Clock } from '../../std/clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { ControlledGateway } from '../controlled-gateway.ts';
import type { ControlledLedger } from '../controlled-ledger.ts';
import type { DependenceReport } from '../../policy/dependence/dependence-report.ts';
import type { EndpointStatus } from '../../fleet/fleet.ts';
import type { FleetPlace } from '../../policy/dependence/load-row.ts';
import type { SloClass } from '../../policy/choice/ask.ts';

/** A minute shows peaks; in a longer window, stretches grow so that there are no more of them than of a day. */
const leastBucketMs = 60_000;
const mostBuckets = 1440;
const mostClasses = 8;
/** What is judged where no SLO class is configured: that an answer came. */
const anyAnswer: SloClass = { name: 'any' };

/** What asks for a little time, or is tried again, is not gone. */
const serving: ReadonlySet<EndpointStatus['state']> = new Set(['ready', 'trial', 'parked']);

export interface DependenceSources {
  readonly gateway: Pick<ControlledGateway, 'endpoints' | 'caps'>;
  readonly ledger: ControlledLedger;
  /** The configuration in use. */
  readonly config: () => DependenceConfig;
  /** The classes that load is judged by. */
  readonly sloClasses: () => readonly SloClass[];
  readonly clock: Clock;
}

export type DependenceConfig = Pick<Config, 'vendors' | 'controlGroups' | 'chips' | 'teams' | 'endpoints' | 'dependence'>;

/** Works out how much depends on whom, from the ledger's sums and what the fleet says of itself. */
export class DependenceDesk {
  readonly #sources: DependenceSources;

  constructor(sources: DependenceSources) {
    this.#sources = sources;
  }

  caps(): Promise<readonly CapTally[]> {
    return this.#sources.gateway.caps();
  }

  async report(windowMs: number): Promise<DependenceReport> {
    const { gateway, ledger, config: current, sloClasses, clock } = this.#sources;
    const asOfWallMs = clock.wallMs();
    const bucketMs = Math.max(leastBucketMs, Math.ceil(windowMs / mostBuckets));
    const [endpoints, caps, desk] = await Promise.all([gateway.endpoints(), gateway.caps(), ledger.desk()]);
    const config = current();
    const classes = sloClasses().slice(0, mostClasses);
    const loads: { sloClass: string; rows: Awaited<ReturnType<typeof desk.sumLoads>> }[] = [];
    for (const slo of classes.length === 0 ? [anyAnswer] : classes) {
      const query = { sinceWallMs: asOfWallMs - windowMs, untilWallMs: asOfWallMs + 1, bucketMs, slo };
      loads.push({ sloClass: slo.name, rows: await desk.sumLoads(query) });
    }
    const book = new SiliconBook(config);
    return reportDependence({
      asOfWallMs,
      windowMs,
      loads,
      places: endpoints.map((endpoint) => placeOf(endpoint, config)),
      caps: caps.map(({ standing }) => standing),
      question: { bucketMs, controlGroupOf: (vendor) => book.controlGroupOf(vendor), whyUnapproved: (place) => whyUnapproved(place, config) },
    });
  }
}

function placeOf({ id, vendor, chip, evidence, models, failureDomains, processor, state }: EndpointStatus, config: DependenceConfig): FleetPlace {
  const entry = config.endpoints.find((endpoint) => endpoint.id === id || isReplicaId(id, endpoint.id));
  const declared = entry?.capacityTokensPerSecond;
  const declaredTokensPerSecond = declared === undefined ? undefined : declared * (1 - config.dependence.headroomPercent / 100);
  const absent = serving.has(state) ? undefined : `it is ${state}`;
  return { id, vendor, chip, evidence, models, failureDomains, processor, absent, declaredTokensPerSecond };
}

/** A lower bound for everybody: what one team may not use stands in for nobody. */
function whyUnapproved({ processor }: FleetPlace, { teams }: DependenceConfig): string | undefined {
  const team = teams.find(({ approvals }) => approvals.processors !== undefined && !approvals.processors.includes(processor));
  return team === undefined ? undefined : `team ${team.id} has not approved ${processor}`;
}
