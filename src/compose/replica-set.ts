import { connectEndpoint, type EndpointSurroundings } from './connect-endpoints.ts';
import { distinctReplicas, replicaId, type Replica } from '../fleet/replica.ts';
import { isIP } from 'node:net';
import type { Config } from '../config/config-schema.ts';
import type { Deployment } from '../fleet/deployment.ts';

export interface ReplicaSurroundings extends EndpointSurroundings {
  /** Whether a replica may have this address. */
  readonly isAllowed: (address: string) => boolean;
  /** Nothing runs any more on a replica that vanished: whatever is kept of it can go. */
  readonly whenGone: (endpointId: string, deployments: readonly Deployment[]) => void;
}

type Configured = Config['endpoints'][number];

/** The replicas of one configured endpoint, each an endpoint of its own in the fleet for as long as it is found. */
export class ReplicaSet {
  readonly #entry: Configured;
  readonly #around: ReplicaSurroundings;
  readonly #connections = new Map<string, ReturnType<typeof connectEndpoint>>();
  #isEmptyShown = false;

  constructor(entry: Configured, around: ReplicaSurroundings) {
    this.#entry = entry;
    this.#around = around;
  }

  /** Takes what was found. Resolves when the new ones are in the fleet. */
  async found(replicas: readonly Replica[]): Promise<void> {
    const { id, discover } = this.#entry;
    const allowed = replicas.filter(({ host }) => isIP(host) === 0 || this.#around.isAllowed(host));
    const wanted = new Map(distinctReplicas(allowed, discover?.mostReplicas ?? 0).map((replica) => [replicaId(id, replica), replica]));
    const gone = [...this.#connections.keys()].filter((known) => !wanted.has(known));
    const fresh = [...wanted].filter(([known]) => !this.#connections.has(known));
    const left = replicas.length - allowed.length;
    if (gone.length + fresh.length > 0) this.#tell(wanted.size, fresh.length, gone.length, left);
    for (const replica of gone) this.#remove(replica);
    const connecting = fresh.map(([replica, place]) => this.#connect(replica, place));
    this.#showEmpty(wanted.size === 0, left > 0 ? `${left} replicas at addresses that are not allowed` : 'no replica was found');
    await Promise.all(connecting);
  }

  stop(): void {
    for (const { stop } of this.#connections.values()) stop();
  }

  /** Takes all of them out of the fleet, and what stands for none. */
  remove(): void {
    for (const id of this.#connections.keys()) this.#remove(id);
    this.#around.fleet.remove(this.#entry.id, () => {});
  }

  #tell(now: number, fresh: number, gone: number, left: number): void {
    const changes = [...(fresh > 0 ? [`${fresh} new`] : []), ...(gone > 0 ? [`${gone} gone`] : []), ...(left > 0 ? [`${left} not allowed`] : [])];
    this.#around.say(`endpoint ${this.#entry.id} has ${now} replica${now === 1 ? '' : 's'} (${changes.join(', ')}).`);
  }

  #connect(id: string, { host, port }: Replica): Promise<void> {
    const { address, failureDomains, reach } = this.#entry;
    const { protocol } = new URL(address.origin);
    const connection = connectEndpoint(
      {
        ...this.#entry,
        id,
        address: { ...address, origin: new URL(`${protocol}//${isIP(host) === 6 ? `[${host}]` : host}:${port}`).origin },
        // Each is lost alone, besides with whatever its operator says that all of them share.
        failureDomains: [...failureDomains, `endpoint:${id}`],
        reach: protocol === 'https:' ? this.#secured : reach,
      },
      this.#around,
    );
    this.#connections.set(id, connection);
    return connection.connected;
  }

  /** Found by address, and still known by the name of the configured URL. One object for all, so that what is parsed of it is shared. */
  get #secured(): Configured['reach'] {
    const { reach, address } = this.#entry;
    const { hostname } = new URL(address.origin);
    this.#shared ??= {
      proxy: reach?.proxy,
      tls: {
        authorities: reach?.tls?.authorities,
        client: reach?.tls?.client,
        serverName: reach?.tls?.serverName ?? (isIP(hostname) === 0 ? hostname : undefined),
      },
    };
    return this.#shared;
  }

  #shared: Configured['reach'];

  #remove(id: string): void {
    const { fleet, whenGone } = this.#around;
    this.#connections.get(id)?.stop();
    this.#connections.delete(id);
    const deployments = fleet.candidates().flatMap(({ endpoint, deployment }) => (endpoint.id === id ? [deployment] : []));
    fleet.remove(id, () => whenGone(id, deployments));
  }

  /** Without any replica, the endpoint itself stands for them, so that its models are known and their absence has a reason. */
  #showEmpty(isEmpty: boolean, why: string): void {
    const { fleet } = this.#around;
    const { id } = this.#entry;
    if (isEmpty === this.#isEmptyShown) return;
    this.#isEmptyShown = isEmpty;
    if (!isEmpty) return fleet.remove(id, () => {});
    void connectEndpoint({ ...this.#entry, models: this.#entry.models ?? [] }, this.#around).connected;
    fleet.lost(id, why);
  }
}
