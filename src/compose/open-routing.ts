import { GaugePoll } from '../upstream/gauge-poll.ts';
import { LearnedRouting } from '../policy/choice/learned-routing.ts';
import { PredictiveChoice } from '../policy/choice/predictive-choice.ts';
import { priorOf, type ChipOf } from './prior-of.ts';
import { ProfileStore } from './profile-store.ts';
import type { Place } from '../fleet/candidate.ts';
import type { Clock } from '../std/clock.ts';
import type { Config } from '../config/config-schema.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Price } from '../fleet/deployment.ts';
import type { PriceBook } from '../budget/price-book.ts';
import type { Random } from '../std/random.ts';
import type { RoutingDesk } from '../gateway/route-request.ts';
import type { RoutingRules } from '../policy/choice/routing-rules.ts';
import type { ShareBook } from '../policy/choice/learned-routing.ts';
import type { Transport } from '../upstream/transport.ts';

export interface RoutingSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly say: (message: string) => void;
  readonly fleet: Fleet;
  readonly prices: PriceBook;
  /** Asks engines for their gauges. */
  readonly transport: Transport;
  /** Undefined where no caps on shares can be set. */
  readonly shares: ShareBook | undefined;
  /** What is known of a chip, by its name. */
  readonly chip: ChipOf;
  /** Which of several processes this is: each learns for itself, and keeps a file of its own. */
  readonly processIndex: number;
  readonly keepsTenantsApart: boolean;
}

export interface OpenedRouting {
  readonly routing: LearnedRouting;
  readonly desk: RoutingDesk;
  /** Another section `routing` from now on. */
  readonly use: (config: Config) => void;
  /** The deployments are gone: nothing of them is kept. */
  readonly forget: (deploymentIds: readonly string[]) => void;
  readonly stop: () => Promise<void>;
}

/** Prediction with all that feeds it: what was kept from the run before, its own traffic, and the engines' gauges. */
export async function openRouting(config: Config, around: RoutingSurroundings): Promise<OpenedRouting> {
  const { clock, random, say, fleet, prices, transport, shares, chip, processIndex, keepsTenantsApart } = around;
  const priceOf = (place: Place): Price | undefined => prices.of(place);
  const choice = new PredictiveChoice({ random, shares, priceOf, priorOf: (candidate) => priorOf(candidate, chip) });
  const routing = new LearnedRouting({ choice, shares, priceOf });
  const store = new ProfileStore({ clock, say, profiles: () => choice.profiles() }, placeOf(config, processIndex));
  choice.restore(await store.read());
  store.start();
  const told: GaugePollTold = (deploymentId, gauges) => choice.gauges(deploymentId, gauges);
  const poll = new GaugePoll({ clock, random, transport, candidates: () => fleet.candidates(), told }, config.routing.gaugesEveryMs);
  poll.start();
  const desk: { rules: RoutingRules; readonly keepsTenantsApart: boolean } = { rules: config.routing.rules, keepsTenantsApart };
  return {
    routing,
    desk,
    use: (next) => {
      desk.rules = next.routing.rules;
      store.use(placeOf(next, processIndex));
      poll.use(next.routing.gaugesEveryMs);
    },
    forget: (deploymentIds) => {
      for (const id of deploymentIds) choice.forget(id);
    },
    stop: async () => {
      poll.stop();
      await store.stop();
    },
  };
}

type GaugePollTold = ConstructorParameters<typeof GaugePoll>[0]['told'];

function placeOf({ routing }: Config, processIndex: number): Config['routing']['storedProfiles'] {
  const { file, everyMs } = routing.storedProfiles;
  return { file: processIndex === 0 ? file : `${file}.${processIndex}`, everyMs };
}
