import type { Arrival } from '../router.ts';

/** One request on its way through the fleet: what the simulator knows of it and no router may. */
export class Job {
  readonly arrival: Arrival;
  /** The true length of its answer. */
  readonly outputTokens: number;
  /** Tokens given to the client so far, over all its attempts. */
  generated = 0;
  /** Tokens that must be computed before the next one can be given: the prompt, after a loss or a pre-emption with what was generated. */
  prefillTarget: number;
  /** Tokens whose keys and values lie in the replica's memory. For a decoding job as of `joinedStep`. */
  computed = 0;
  /** Blocks of its beginning that it shares with the prefix cache: its first so many hashes. */
  sharedBlocks = 0;
  /** Whether its further blocks stay its own, because another had the same one in the cache first. */
  isPrivate = false;
  cachedTokens = 0;
  state: 'waiting' | 'prefill' | 'decode' | 'gone' = 'waiting';
  /** The replica's step at which it began to decode, and the one after which it is finished. */
  joinedStep = 0;
  finishStep = 0;
  /** Where it stands in the replica's heap of finishes; −1 for nowhere. */
  heapIndex = -1;
  previous: Job | undefined = undefined;
  next: Job | undefined = undefined;
  dispatchedMs = 0;
  /** When the engine first took it out of the queue at its present place; negative before. */
  scheduledMs = -1;
  firstTokenMs = -1;
  /** The first token of the present attempt; negative before. */
  attemptTokenMs = -1;
  attempts = 0;
  preemptions = 0;
  losses = 0;
  /** Indices of the replicas that refused it. */
  refusedBy: number[] | undefined = undefined;

  constructor(arrival: Arrival, outputTokens: number) {
    this.arrival = arrival;
    this.outputTokens = outputTokens;
    this.prefillTarget = arrival.promptTokens;
  }

  /** Forgets what a replica held of it, so that another (or the same, later) begins with the prompt and what was generated. */
  restart(): void {
    this.prefillTarget = this.arrival.promptTokens + this.generated;
    this.computed = 0;
    this.sharedBlocks = 0;
    this.isPrivate = false;
    this.state = 'waiting';
  }
}
