import { FollowedPlaces } from './follow-places.ts';
import { siblingEndpoint } from './sibling-listener.ts';
import type { Fleet } from '../../fleet/fleet.ts';
import type { GatewayContext } from '../../gateway/gateway-context.ts';
import type { Order, Report, Seat } from './process-message.ts';
import type { Siblings } from '../../gateway/siblings.ts';
import type { Transport } from '../../upstream/transport.ts';

type Plugs = Pick<GatewayContext, 'plug' | 'unplug'>;

/** A serving process's side of the channel to the first. Orders that come before there is a fleet wait for it. */
export class TakenSeat {
  readonly seat: Seat;
  readonly report: (report: Report) => void;
  #waiting: Order[] = [];
  #obey: ((order: Order) => void) | undefined;

  constructor(seat: Seat, report: (report: Report) => void) {
    this.seat = seat;
    this.report = report;
  }

  order(order: Order): void {
    if (this.#obey === undefined) this.#waiting.push(order);
    else this.#obey(order);
  }

  /** Puts what the first process runs into the fleet, and keeps it as it tells. */
  follow(fleet: Fleet, plugs: Plugs): void {
    const places = new FollowedPlaces(fleet);
    places.notes(this.seat.notes);
    for (const place of this.seat.places) places.place(place);
    for (const id of this.seat.unplugged) void plugs.unplug(id);
    this.#obey = (order) => {
      if (order.kind === 'place') places.place(order.place);
      if (order.kind === 'notes') places.notes(order.notes);
      if (order.kind === 'plugged') void plugs[order.change](order.endpointId);
    };
    for (const order of this.#waiting.splice(0)) this.#obey(order);
  }
}

export function siblingsOf({ seat, report }: TakenSeat, transport: Transport): Siblings {
  return {
    index: seat.index,
    count: seat.count,
    transport,
    endpointOf: (index) => siblingEndpoint(seat, index),
    plugged: (endpointId, change) => report({ kind: 'plugged', endpointId, change }),
  };
}
