import { askGauges } from './ask-gauges.ts';
import { gaugeEndpoint } from './gauge-endpoint.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { Clock } from '../std/clock.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { EngineGauges } from './read-gauges.ts';
import type { Random } from '../std/random.ts';
import type { Transport } from './transport.ts';

export interface GaugePollParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly candidates: () => readonly Candidate[];
  /** Hears what an engine told, once for each deployment there. */
  readonly told: (deploymentId: string, gauges: EngineGauges & { readonly asOfMs: number }) => void;
}

/** One that tells nothing is asked this many times as seldom, and twice as seldom with each further silence. */
const silentFactor = 4;
const mostFactor = 64;
/** Asked side by side; the rest wait for the next round. */
const mostAsked = 64;

interface Polled {
  isAsked: boolean;
  silences: number;
  dueMs: number;
}

/** Asks engines for their own gauges, again and again: each at most once at a time, and those that are silent ever less. */
export class GaugePoll {
  readonly #parts: GaugePollParts;
  readonly #polled = new Map<string, Polled>();
  #everyMs: number;
  #cancel: () => void = () => {};
  #isStopped = false;

  constructor(parts: GaugePollParts, everyMs: number) {
    this.#parts = parts;
    this.#everyMs = everyMs;
  }

  start(): void {
    this.#later();
  }

  /** Another pace from now on. */
  use(everyMs: number): void {
    this.#everyMs = everyMs;
    this.#cancel();
    this.#later();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  /** Between half and one and a half times the pace, so that several gateways do not ask in step. */
  #later(): void {
    if (this.#isStopped) return;
    const { clock, random } = this.#parts;
    this.#cancel = clock.after(this.#everyMs * (0.5 + random()), () => {
      this.#round();
      this.#later();
    });
  }

  #round(): void {
    const nowMs = this.#parts.clock.nowMs();
    const byEndpoint = deploymentsByEndpoint(this.#parts.candidates());
    for (const id of this.#polled.keys()) if (!byEndpoint.has(id)) this.#polled.delete(id);
    let asked = [...this.#polled.values()].filter(({ isAsked }) => isAsked).length;
    for (const [id, { endpoint, deploymentIds }] of byEndpoint) {
      const polled = this.#polled.get(id) ?? { isAsked: false, silences: 0, dueMs: 0 };
      this.#polled.set(id, polled);
      if (polled.isAsked || polled.dueMs > nowMs || asked >= mostAsked) continue;
      asked += 1;
      void this.#ask(endpoint, deploymentIds, polled);
    }
  }

  async #ask(endpoint: Endpoint, deploymentIds: readonly string[], polled: Polled): Promise<void> {
    const { clock, transport, told } = this.#parts;
    polled.isAsked = true;
    const asOfMs = clock.nowMs();
    const gauges = await askGauges(endpoint, transport, clock);
    polled.isAsked = false;
    polled.silences = gauges === undefined ? polled.silences + 1 : 0;
    const factor = polled.silences === 0 ? 0 : Math.min(mostFactor, silentFactor * 2 ** (polled.silences - 1));
    polled.dueMs = asOfMs + factor * this.#everyMs;
    if (gauges !== undefined && !this.#isStopped) for (const id of deploymentIds) told(id, { ...gauges, asOfMs });
  }
}

/** Where each endpoint that can be reached tells its gauges, and for which deployments. */
function deploymentsByEndpoint(candidates: readonly Candidate[]): Map<string, { readonly endpoint: Endpoint; readonly deploymentIds: string[] }> {
  const found = new Map<string, { readonly endpoint: Endpoint; readonly deploymentIds: string[] }>();
  for (const { endpoint, deployment, state } of candidates) {
    if (state === 'down' || state === 'unplugged' || state === 'starting') continue;
    const known = found.get(endpoint.id);
    if (known !== undefined) known.deploymentIds.push(deployment.id);
    else {
      const place = gaugeEndpoint(endpoint);
      if (place !== undefined) found.set(endpoint.id, { endpoint: place, deploymentIds: [deployment.id] });
    }
  }
  return found;
}
