import type { CapTally } from '../policy/shares/cap-tally.ts';
import type { ExplainedRequest } from '../gateway/explained-requests.ts';
import type { EndpointStatus } from '../fleet/fleet.ts';
import type { HttpRequest } from '../http/server-connection.ts';
import type { ProcessStatus } from './internal/joint-status.ts';
import type { ServerResponse } from '../http/server-response.ts';
import type { UsageQuery, UsageReport } from '../ledger/ledger.ts';

/** `unplug` breaks what runs on an endpoint and keeps it out; `drain` keeps it out and lets what runs there end. */
export type EndpointSwitch = 'plug' | 'unplug' | 'drain';

/** The gateway as the control API reaches it, whether it serves in this process or in several others. */
export interface ControlledGateway {
  readonly status: () => Promise<ProcessStatus>;
  readonly endpoints: () => Promise<readonly EndpointStatus[]>;
  readonly models: () => Promise<readonly string[]>;
  /** How the caps on shares stand. */
  readonly caps: () => Promise<readonly CapTally[]>;
  /** False where there is no endpoint of this id. */
  readonly switchEndpoint: (endpointId: string, change: EndpointSwitch) => Promise<boolean>;
  readonly usage: (query: UsageQuery) => Promise<UsageReport>;
  /** Answers where a chat request would go now and why, without sending it. */
  readonly explain: (request: HttpRequest, response: ServerResponse) => Promise<void>;
  /** Why a request went where it went; undefined where it did not ask, or is forgotten. */
  readonly explained: (requestId: string) => Promise<ExplainedRequest | undefined>;
  /** Answers a chat request as team `console`, by the same path as everybody's. */
  readonly chat: (request: HttpRequest, response: ServerResponse) => Promise<void>;
}
