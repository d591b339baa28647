import type { LookupAddress, LookupAllOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Clock } from '../std/clock.ts';

/** `dns.lookup` for all addresses of a name. */
export type ResolveName = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** How long an earlier answer stands in where the name service has none (fault 1). */
const staleForMs = 3_600_000;
/** Names whose last answer is kept: more than any configuration has hosts. */
const namesKept = 2000;
/** What a name service that is down, slow or broken says; a broken one often claims that a name does not exist. */
const noAnswer: ReadonlySet<string> = new Set(['EAI_AGAIN', 'ESERVFAIL', 'ETIMEOUT', 'ECONNREFUSED', 'ENOTFOUND']);

/** Resolves endpoints' names, and goes on with the last answer for an hour where the name service fails. */
export class NameLookup {
  readonly #resolve: ResolveName;
  readonly #clock: Clock;
  readonly #last = new Map<string, { readonly addresses: LookupAddress[]; readonly atMs: number }>();

  constructor(resolve: ResolveName, clock: Clock) {
    this.#resolve = resolve;
    this.#clock = clock;
  }

  /**
   * A lookup that refuses a name with any address that is not allowed, at the moment of connecting: a name that was
   * public when the configuration was read may point inside later (security requirement S10).
   */
  forAllowed(isAllowed: (address: string) => boolean): LookupFunction {
    return (hostname, options, callback) => {
      this.#resolve(hostname, { ...options, all: true }, (error, found) => {
        const addresses = error === null ? this.#keep(hostname, found) : this.#stale(hostname, error);
        if (error !== null && addresses === undefined) return callback(error, '');
        const [first] = addresses ?? [];
        if (addresses === undefined || first === undefined || !addresses.every(({ address }) => isAllowed(address))) {
          return callback(Object.assign(new Error('the name resolves to an address that is not allowed'), { code: 'ADDRESS_NOT_ALLOWED' }), '');
        }
        if (options.all === true) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    };
  }

  #keep(hostname: string, addresses: LookupAddress[]): LookupAddress[] {
    this.#last.delete(hostname);
    this.#last.set(hostname, { addresses, atMs: this.#clock.nowMs() });
    const [oldest] = this.#last.keys();
    if (this.#last.size > namesKept && oldest !== undefined) this.#last.delete(oldest);
    return addresses;
  }

  #stale(hostname: string, { code }: NodeJS.ErrnoException): LookupAddress[] | undefined {
    const last = this.#last.get(hostname);
    const stands = last !== undefined && noAnswer.has(code ?? '') && this.#clock.nowMs() - last.atMs <= staleForMs;
    return stands ? last.addresses : undefined;
  }
}
