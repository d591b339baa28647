import { dnsReplicas, type DnsPlace, type Records } from '../upstream/dns-replicas.ts';
import { hostReach } from '../config/host-reach.ts';
import { ReplicaSet, type ReplicaSurroundings } from './replica-set.ts';
import { watchEndpointSlices } from '../upstream/watch-endpoint-slices.ts';
import type { Cluster } from './in-cluster.ts';
import type { Config } from '../config/config-schema.ts';
import type { Replica } from '../fleet/replica.ts';

export interface DiscoverySurroundings extends Omit<ReplicaSurroundings, 'isAllowed'> {
  readonly records: Records;
  /** Asked only where an endpoint is to be found by Kubernetes; throws a `StartProblem` outside a cluster. */
  readonly cluster: () => Cluster;
  /** For tests, whose replicas are all on this machine. */
  readonly allowsLoopback?: boolean;
}

type Configured = Config['endpoints'][number];
type Discovery = NonNullable<Configured['discover']>;

/** So often must a name service say that there is nothing before it is believed: a broken one says so too. */
const emptyAnswersBelieved = 3;
/** Serving begins without the replicas of a service that is silent for so long. */
const firstFindingMs = 5000;

/** Finds the replicas of endpoints that say where to look, and goes on looking. Resolves after the first finding; returns how to stop. */
export async function discoverEndpoints(configured: Config['endpoints'], around: DiscoverySurroundings): Promise<() => void> {
  const all = configured.flatMap((entry) => (entry.discover === undefined ? [] : [discoverEndpoint(entry, entry.discover, around)]));
  await Promise.all(all.map(({ first }) => first));
  return () => {
    for (const { stop } of all) stop();
  };
}

type Looking = Omit<Discovering, 'remove'>;

interface Discovering {
  readonly first: Promise<void>;
  readonly stop: () => void;
  /** Stops, and takes all that was found out of the fleet. */
  readonly remove: () => void;
}

/** Finds the replicas of one endpoint. `first` resolves after the first finding. */
export function discoverEndpoint(entry: Configured, how: Discovery, around: DiscoverySurroundings): Discovering {
  const set = new ReplicaSet(entry, { ...around, isAllowed: addressRule(entry, how, around.allowsLoopback === true) });
  const failed = failureTold(entry.id, around.say);
  const found = async (replicas: readonly Replica[]): Promise<void> => {
    failed(undefined);
    await set.found(replicas);
  };
  const looking = how.kubernetes === undefined ? lookUp(entry, how, around, found, failed) : watch(how, how.kubernetes, around, found, failed);
  let cancelWait = (): void => {};
  const late = new Promise<void>((resolve) => {
    cancelWait = around.clock.after(firstFindingMs, resolve);
  });
  return {
    first: Promise.race([looking.first, late]).finally(cancelWait),
    stop: () => {
      looking.stop();
      set.stop();
    },
    remove: () => {
      looking.stop();
      set.remove();
    },
  };
}

/** The API server would refuse a pod on this machine's loopback, or one at a metadata service; so do we. */
function addressRule({ allowPrivate }: Configured, { kubernetes }: Discovery, allowsLoopback: boolean): (address: string) => boolean {
  return (address) => {
    const reach = hostReach(address);
    if (reach === 'public') return true;
    if (reach === 'loopback' && kubernetes !== undefined) return allowsLoopback;
    return allowPrivate && reach !== 'forbidden';
  };
}

/** Says what went wrong once, however often it goes on. */
function failureTold(endpointId: string, say: (message: string) => void): (what: string | undefined) => void {
  let last: string | undefined;
  return (what) => {
    if (what !== undefined && what !== last)
      say(`endpoint ${endpointId}: its replicas could not be looked for (${what}); those that are known stay.`);
    last = what;
  };
}

type Found = (replicas: readonly Replica[]) => Promise<void>;

function lookUp(entry: Configured, how: Discovery, { clock, records }: DiscoverySurroundings, found: Found, failed: (what: string) => void): Looking {
  const place = placeOf(entry, how);
  let empty = 0;
  let isFirst = true;
  let isStopped = false;
  let cancel = (): void => {};
  const look = async (): Promise<void> => {
    const answer = await dnsReplicas(place, records);
    if (isStopped) return;
    if (!answer.ok) failed(answer.failure);
    else {
      empty = answer.value.length === 0 ? empty + 1 : 0;
      if (empty === 0 || isFirst || empty >= emptyAnswersBelieved) await found(answer.value);
    }
    // A name service that is silent from the beginning leaves nothing to stay.
    if (isFirst && !answer.ok) await found([]);
    isFirst = false;
    if (!isStopped) cancel = clock.after(how.everyMs, () => void look());
  };
  return {
    first: look(),
    stop: () => {
      isStopped = true;
      cancel();
    },
  };
}

function placeOf({ address }: Configured, { dns, srv, port }: Discovery): DnsPlace {
  if (srv !== undefined) return { kind: 'srv', name: srv };
  const url = new URL(address.origin);
  return { kind: 'address', name: dns ?? url.hostname, port: port ?? Number(url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port) };
}

function watch(
  { everyMs }: Discovery,
  { service, namespace, port }: NonNullable<Discovery['kubernetes']>,
  { cluster, transport, clock }: DiscoverySurroundings,
  found: Found,
  failed: (what: string) => void,
): Looking {
  const { api, namespace: own } = cluster();
  let tell = (): void => {};
  const first = new Promise<void>((resolve) => {
    tell = resolve;
  });
  let isFirst = true;
  const stop = watchEndpointSlices(
    { service, namespace: namespace ?? own, portName: port, api, againAfterMs: everyMs },
    {
      onReplicas: (replicas) => {
        isFirst = false;
        void found(replicas).then(tell);
      },
      onFailure: (what) => {
        failed(what);
        if (isFirst) void found([]).then(tell);
        isFirst = false;
      },
    },
    transport,
    clock,
  );
  return { first, stop };
}
