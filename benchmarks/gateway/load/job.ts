/** Whom a load goes to, and whose cost is counted meanwhile. */
export interface Target {
  readonly port: number;
  readonly key: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly pids: readonly number[];
}

/** Requests that are not streamed, each connection with one at a time. */
export interface RequestJob extends Target {
  readonly kind: 'requests';
  readonly connections: number;
  readonly warmMs: number;
  readonly measureMs: number;
}

/** Requests at set times, whatever became of those before. */
export interface PacedJob extends Target {
  readonly kind: 'paced';
  readonly connections: number;
  readonly perSecond: number;
  readonly warmMs: number;
  readonly measureMs: number;
}

/** Streams that run all the while, and newcomers beside them where asked for. */
export interface StreamJob extends Target {
  readonly kind: 'streams';
  readonly streams: number;
  readonly everyMs: number;
  /** Over how long the streams are opened. */
  readonly openMs: number;
  readonly warmMs: number;
  readonly measureMs: number;
  readonly newcomersPerSecond: number;
}

/** Streams opened all in one moment, several times. */
export interface BurstJob extends Target {
  readonly kind: 'burst';
  readonly streams: number;
  /** Whether their connections are open before, as those of clients that asked before are. */
  readonly connected: boolean;
  readonly times: number;
}

export type Job = RequestJob | PacedJob | StreamJob | BurstJob;

export interface Measured {
  /** Answers or chunks that came within the measured time. */
  readonly units: number;
  /** Time on a core that the target took in the measured time, less what it takes when idle. */
  readonly cpuMs: number;
  /** The same by the kernel's ticks of 10 ms. */
  readonly ticksMs: number;
  /** What the busiest single process of the target took. */
  readonly busiestMs: number;
  readonly measuredMs: number;
  /** What the load generator itself took, so that a load that was short of time shows. */
  readonly ownCpuMs: number;
  readonly errors: number;
  readonly firstError: string | undefined;
  /** Milliseconds from when a request was due to its first content (streams) or its end. */
  readonly waitsMs: readonly number[];
  /** The longest that any stream heard nothing, beyond its interval. */
  readonly longestStallMs: number;
  readonly residentBeforeKib: number;
  readonly residentKib: number;
  /** Streams that came whole, in order and with their end. */
  readonly wholeStreams: number;
}

export interface Outcome extends Measured {
  /** The longest that the load generator itself could not run, from its beginning to its end. */
  readonly ownLateMs: number;
}
