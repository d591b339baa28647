import { failure, success, type Result } from '../std/result.ts';
import type { Replica } from '../fleet/replica.ts';
import type { Resolver } from 'node:dns/promises';

/** Where replicas are looked for: addresses of one name, all on one port, or the targets of SRV records. */
export type DnsPlace = { readonly kind: 'address'; readonly name: string; readonly port: number } | { readonly kind: 'srv'; readonly name: string };

/** What of a resolver is needed. */
export type Records = Pick<Resolver, 'resolve4' | 'resolve6' | 'resolveSrv'>;

/** A name service's word that there is nothing, as opposed to no word at all. */
const nothingThere: ReadonlySet<string> = new Set(['ENODATA', 'ENOTFOUND']);

/**
 * The replicas that a name stands for now. Asks the name service itself: what a hosts file says is one machine, not a
 * set of replicas. A failure says that there was no answer, which is no word on the replicas.
 */
export async function dnsReplicas(place: DnsPlace, records: Records): Promise<Result<readonly Replica[], string>> {
  if (place.kind === 'srv') {
    const found = await answerOf(records.resolveSrv(place.name));
    return found.ok ? success(found.value.map(({ name, port }) => ({ host: name.replace(/\.$/, ''), port }))) : found;
  }
  const [v4, v6] = await Promise.all([answerOf(records.resolve4(place.name)), answerOf(records.resolve6(place.name))]);
  // Half an answer would look as if the other half had vanished.
  if (!v4.ok) return v4;
  if (!v6.ok) return v6;
  return success([...v4.value, ...v6.value].map((host) => ({ host, port: place.port })));
}

async function answerOf<Answer>(asked: Promise<Answer[]>): Promise<Result<readonly Answer[], string>> {
  try {
    return success(await asked);
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EUNKNOWN';
    return nothingThere.has(code) ? success([]) : failure(`the name service gives no answer (${code})`);
  }
}
