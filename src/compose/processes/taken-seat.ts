import { FollowedPlaces } from './follow-places.ts';
import { SliceKeeper } from '../../budget/leases/slice-keeper.ts';
import { siblingEndpoint } from './sibling-listener.ts';
import type { EndpointSwitch } from '../../admin/controlled-gateway.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { GatewayContext } from '../../gateway/gateway-context.ts';
import type { Config } from '../../config/config-schema.ts';
import type { LiveConfig } from '../live-config.ts';
import type { Clock } from '../../std/clock.ts';
import type { Order, Report, Seat } from './process-message.ts';
import type { Siblings } from '../../gateway/siblings.ts';
import type { ToArbiter } from '../../budget/leases/slice-keeper.ts';
import type { Transport } from '../../upstream/transport.ts';

type Plugs = Pick<GatewayContext, EndpointSwitch>;

/** A serving process's side of the channel to the first. What comes before there is anything to obey with waits for it. */
export class TakenSeat {
  readonly seat: Seat;
  readonly report: (report: Report) => void;
  readonly #unplugged: Set<string>;
  #waiting: Order[] = [];
  #places: FollowedPlaces | undefined;
  #plugs: Plugs | undefined;
  /** What comes before there is a configuration in use waits for it. */
  readonly #live = Promise.withResolvers<LiveConfig>();
  #keeper: SliceKeeper | undefined;

  constructor(seat: Seat, report: (report: Report) => void) {
    this.seat = seat;
    this.report = report;
    this.#unplugged = new Set(seat.unplugged);
  }

  order(order: Order): void {
    if (order.kind === 'configure') void this.#configure(order.config);
    else if (order.kind === 'lease') this.#keeper?.order(order.order);
    else if (order.kind === 'plugged') this.#change(order.endpointId, order.change);
    else if (this.#places === undefined) this.#waiting.push(order);
    else if (order.kind === 'place') this.#places.place(order.place);
    else if (order.kind === 'notes') this.#places.notes(order.notes);
  }

  /** Who keeps the limits of this process: the first one does, and lends it slices of them. */
  keeper(clock: Clock): SliceKeeper {
    const to: ToArbiter = {
      ask: (ask) => this.report({ kind: 'lease-ask', ask }),
      account: (account) => this.report({ kind: 'lease-account', account }),
    };
    this.#keeper = new SliceKeeper(this.seat.config.budgets, to, clock);
    return this.#keeper;
  }

  /** The first process is gone, and this one ends soon. */
  lost(): void {
    this.#keeper?.lost();
  }

  /** Puts what the first process runs into the fleet, and keeps it as it tells. */
  follow(fleet: Fleet): void {
    this.#places = new FollowedPlaces(fleet);
    this.#places.notes(this.seat.notes);
    for (const place of this.seat.places) this.#places.place(place);
    for (const order of this.#waiting.splice(0)) this.order(order);
  }

  /** From now on, other configurations take the place of the one that the seat came with. */
  obeyConfig(live: LiveConfig): void {
    this.#live.resolve(live);
  }

  /** To be called when all endpoints are in the fleet: those that were unplugged before this process began are so here too. */
  async obeyPlugs(plugs: Plugs): Promise<void> {
    this.#plugs = plugs;
    for (const id of this.#unplugged) await plugs.unplug(id);
  }

  async #configure(config: Config): Promise<void> {
    const live = await this.#live.promise;
    try {
      await live.use(config);
      this.report({ kind: 'configured' });
    } catch (error) {
      this.report({ kind: 'said', line: `the new configuration is not in use here: ${String(error)}` });
    }
  }

  #change(endpointId: string, change: EndpointSwitch): void {
    if (this.#plugs !== undefined) void this.#plugs[change](endpointId);
    else if (change === 'plug') this.#unplugged.delete(endpointId);
    else this.#unplugged.add(endpointId);
  }
}

export function siblingsOf({ seat }: TakenSeat, transport: Transport): Siblings {
  return {
    index: seat.index,
    count: seat.count,
    transport,
    endpointOf: (index) => siblingEndpoint(seat, index),
  };
}
