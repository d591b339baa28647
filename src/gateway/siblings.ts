import type { Endpoint } from '../fleet/endpoint.ts';
import type { Transport } from '../upstream/transport.ts';

/** The other processes that serve the same port (`docs/processes.md`). */
export interface Siblings {
  /** Which of them this process is. */
  readonly index: number;
  readonly count: number;
  /** Where one of them listens for its siblings alone. */
  readonly endpointOf: (index: number) => Endpoint;
  readonly transport: Transport;
}
