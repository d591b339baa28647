/** One of several equal servers behind one name, found while the gateway runs. */
export interface Replica {
  /** An address, or, by an SRV record, a name. */
  readonly host: string;
  readonly port: number;
}

/** The longest `replicaId` adds to the id of the endpoint that it belongs to. */
export const replicaSuffixLength = 23;

/**
 * The id of a replica as an endpoint: the same whenever it is found again, so that its health and gauges are its own.
 * An IPv4 address stands in it as it is; anything longer as a hash.
 */
export function replicaId(endpointId: string, { host, port }: Replica): string {
  const place = /^[0-9.]{7,15}$/.test(host) ? host : hash(host.toLowerCase());
  return `${endpointId}-${place}-${port}`;
}

/** Whether an id could be that of a replica of an endpoint. */
export function isReplicaId(id: string, endpointId: string): boolean {
  return id.startsWith(`${endpointId}-`) && /^(?:[0-9.]{7,15}|[0-9a-f]{16})-\d{1,5}$/.test(id.slice(endpointId.length + 1));
}

/** FNV-1a with 64 bits, by its published constants: short, the same everywhere, and no secret. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index += 1) value = BigInt.asUintN(64, (value ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  return value.toString(16).padStart(16, '0');
}

/** Each once, in an order of its own, so that two findings can be compared; no more than so many. */
export function distinctReplicas(found: readonly Replica[], most: number): readonly Replica[] {
  const byPlace = new Map(found.map(({ host, port }) => [`${host.toLowerCase()} ${port}`, { host: host.toLowerCase(), port }]));
  return [...byPlace.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, most)
    .map(([, replica]) => replica);
}
