import { startGatewayProcess, type GatewayProcess } from './gateway-process.ts';
import { StartProblem } from '../start-problem.ts';
import type { BudgetArbiter } from './budget-arbiter.ts';
import type { Clock } from '../../std/clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { EndpointSwitch } from '../../admin/controlled-gateway.ts';
import type { Order, Report, Seat } from './process-message.ts';

type Serving = Extract<Report, { kind: 'serving' }>;

export interface GroupSurroundings {
  readonly count: number;
  readonly clock: Clock;
  readonly say: (message: string) => void;
  /** What a process in this place is told to begin, as things stand now. */
  readonly seatOf: (index: number, unplugged: readonly string[]) => Omit<Seat, 'mark'>;
  /** Keeps the limits of all. */
  readonly arbiter: BudgetArbiter;
}

/** The pauses before the restarts of a process that keeps ending; the last goes on for ever. */
const restartDelaysMs = [0, 250, 500, 1000, 2000, 4000, 8000];
/** One that served for so long starts again with the first pause. */
const stableMs = 30_000;
const configuredWithinMs = 10_000;

interface Place {
  process: GatewayProcess | undefined;
  restarts: number;
  cancelRestart: () => void;
  /** Waits to hear that the last configuration is in use there. */
  configured: () => void;
}

/** The processes that serve one port: starts them, and starts anew whichever ends, until it is told to stop. */
export class ProcessGroup {
  readonly #around: GroupSurroundings;
  readonly #places: readonly Place[];
  readonly #unplugged = new Set<string>();
  #isStopping = false;

  constructor(around: GroupSurroundings) {
    this.#around = around;
    this.#places = Array.from({ length: around.count }, () => ({ process: undefined, restarts: 0, cancelRestart: () => {}, configured: () => {} }));
  }

  /** Starts all. Resolves to what the first says once all serve; rejects with the first problem. */
  async start(): Promise<Serving | undefined> {
    const all = await Promise.all(this.#places.map((place, index) => this.#first(place, index)));
    return all[0];
  }

  tell(order: Order): void {
    for (const { process } of this.#places) process?.tell(order);
  }

  /** Tells all another configuration, each its own share. Resolves once those that serve have it in use, or are late. */
  async configure(configOf: (index: number) => Config): Promise<void> {
    const waits = this.#places.flatMap((place, index) => {
      if (place.process === undefined) return [];
      const { promise, resolve } = Promise.withResolvers<void>();
      place.configured = resolve;
      place.process.tell({ kind: 'configure', config: configOf(index) });
      const cancel = this.#around.clock.after(configuredWithinMs, resolve);
      return [promise.finally(cancel)];
    });
    await Promise.all(waits);
  }

  /** All were asked already; here it is kept for those that start later, or were too busy. */
  switched(endpointId: string, change: EndpointSwitch): void {
    if (change === 'plug') this.#unplugged.delete(endpointId);
    else this.#unplugged.add(endpointId);
    this.tell({ kind: 'plugged', endpointId, change });
  }

  /** Lets all end as they were asked to; those that have not after so long are killed. */
  async stop(how: 'interrupt' | 'terminate', withinMs: number): Promise<void> {
    this.#isStopping = true;
    for (const { cancelRestart } of this.#places) cancelRestart();
    this.tell({ kind: 'stop', how });
    const cancel = this.#around.clock.after(withinMs, () => {
      for (const { process } of this.#places) process?.kill();
    });
    await Promise.all(this.#places.flatMap(({ process }) => process?.ended ?? []));
    cancel();
  }

  #first(place: Place, index: number): Promise<Serving> {
    return new Promise((resolve, reject) => {
      let problem: string | undefined;
      const process = this.#run(place, index, (report) => {
        if (report.kind === 'problem') problem = report.message;
        if (report.kind !== 'serving') return;
        resolve(report);
        this.#watch(place, index, process);
      });
      void process.ended.then((why) => reject(new StartProblem(problem ?? `A serving process ended before it served (${why}).`)));
    });
  }

  #run(place: Place, index: number, onReport: (report: Report) => void): GatewayProcess {
    const limits = this.#around.arbiter.run(index, (order) => process.tell(order));
    const process = startGatewayProcess({ ...this.#around.seatOf(index, [...this.#unplugged]), mark: limits.mark }, (report) => {
      if (report.kind === 'said') this.#around.say(`process ${index}: ${report.line}`);
      if (report.kind === 'configured') place.configured();
      limits.heard(report);
      onReport(report);
    });
    void process.ended.then(limits.ended);
    place.process = process;
    return process;
  }

  /** Whatever ends from now on is started anew. */
  #watch(place: Place, index: number, process: GatewayProcess): void {
    const { clock, say } = this.#around;
    const sinceMs = clock.nowMs();
    void process.ended.then((why) => {
      place.process = undefined;
      if (this.#isStopping) return;
      if (clock.nowMs() - sinceMs >= stableMs) place.restarts = 0;
      const delayMs = restartDelaysMs[Math.min(place.restarts, restartDelaysMs.length - 1)] ?? 0;
      place.restarts += 1;
      say(
        `process ${index} ended (${why}): the answers that it was giving are lost; it is started again${delayMs === 0 ? '' : ` in ${delayMs} ms`}.`,
      );
      place.cancelRestart = clock.after(delayMs, () => this.#restart(place, index));
    });
  }

  #restart(place: Place, index: number): void {
    const process = this.#run(place, index, (report) => {
      if (report.kind === 'problem') this.#around.say(`process ${index}: ${report.message}`);
      if (report.kind === 'serving') this.#around.say(`process ${index} is back, process id ${process.pid ?? 'unknown'}.`);
    });
    this.#watch(place, index, process);
  }
}
