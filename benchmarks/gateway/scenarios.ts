import { percentile } from '../../scripts/verify-engines/percentile.ts';
import type { Job, Outcome, Target } from './load/job.ts';

export interface Metric {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  readonly of: (outcome: Outcome) => number;
  /** Whether it is what a peer takes of its core, which nothing but a peer does. */
  readonly ofPeersOnly: boolean;
}

export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** Peers slower than this many plain proxies are left out: they could not carry it at all. */
  readonly slowestPeer: number;
  /** Whether it is measured without any gateway as well. */
  readonly direct: boolean;
  /** Whether each round starts the peer anew, so that earlier loads have not grown its memory. */
  readonly fresh: boolean;
  /** How many loads go before those that are measured: peers that compile while they run go on doing so for some time. */
  readonly settlingLoads: number;
  /** How often all take turns within a round: a machine that is not one's own changes its speed within a minute. */
  readonly turns: number;
  readonly job: (target: Target, slowness: number, quick: boolean) => Job;
  readonly metrics: readonly Metric[];
}

const perUnitUs = ({ cpuMs, units }: Outcome): number => (cpuMs * 1000) / units;
const seconds = (quick: boolean, full: number): number => (quick ? full / 2 : full) * 1000;
/** What a load measures is what goes on, and not how it began. */
const warmMs = 1000;
/** Fewer streams for those who could not keep up with all. */
const carried = (streams: number, slowness: number): number => (slowness <= 8 ? streams : Math.max(10, Math.round((streams * 8) / slowness)));

function burst(id: string, title: string, connected: boolean): Scenario {
  return {
    id,
    title,
    slowestPeer: Number.POSITIVE_INFINITY,
    direct: true,
    fresh: false,
    settlingLoads: 0,
    turns: 1,
    job: (target, slowness, quick) => ({ ...target, kind: 'burst', streams: 500, connected, times: slowness > 8 ? 1 : quick ? 3 : 6 }),
    metrics: [
      {
        id: `${id}-p50`,
        title: 'time to first content, p50',
        unit: 'ms',
        digits: 1,
        ofPeersOnly: false,
        of: ({ waitsMs }) => percentile(waitsMs, 0.5),
      },
      {
        id: `${id}-p99`,
        title: 'time to first content, p99',
        unit: 'ms',
        digits: 1,
        ofPeersOnly: false,
        of: ({ waitsMs }) => percentile(waitsMs, 0.99),
      },
    ],
  };
}

export const scenarios: readonly Scenario[] = [
  {
    id: 'request',
    title: '32 keep-alive connections, each asking again as soon as it was answered; JSON answers of 700 bytes',
    slowestPeer: Number.POSITIVE_INFINITY,
    direct: false,
    fresh: false,
    settlingLoads: 6,
    turns: 3,
    job: (target, _slowness, quick) => ({ ...target, kind: 'requests', connections: 32, warmMs, measureMs: seconds(quick, 3) }),
    metrics: [
      { id: 'request-us', title: 'CPU per request', unit: 'µs', digits: 1, ofPeersOnly: true, of: perUnitUs },
      // With a core to itself, the busiest process is what the whole waits for.
      {
        id: 'request-capacity',
        title: 'requests a second, a core to each process',
        unit: '/s',
        digits: 0,
        ofPeersOnly: true,
        of: ({ busiestMs, units }) => (units * 1000) / busiestMs,
      },
      {
        id: 'request-rate',
        title: 'requests a second',
        unit: '/s',
        digits: 0,
        ofPeersOnly: false,
        of: ({ units, measuredMs }) => (units * 1000) / measuredMs,
      },
    ],
  },
  {
    id: 'chunk',
    title: '200 streams at 20 chunks/s',
    slowestPeer: Number.POSITIVE_INFINITY,
    direct: false,
    fresh: false,
    settlingLoads: 6,
    turns: 3,
    job: (target, slowness, quick) => ({
      ...target,
      kind: 'streams',
      streams: carried(200, slowness),
      everyMs: 50,
      openMs: 1000,
      warmMs,
      measureMs: seconds(quick, 3),
      newcomersPerSecond: 0,
    }),
    metrics: [{ id: 'chunk-us', title: 'CPU per streamed chunk', unit: 'µs', digits: 1, ofPeersOnly: true, of: perUnitUs }],
  },
  {
    id: 'newcomers',
    title: 'new streams at 20/s while 1,000 run at 20 chunks/s',
    slowestPeer: 4,
    direct: true,
    fresh: false,
    settlingLoads: 0,
    turns: 1,
    job: (target, _slowness, quick) => ({
      ...target,
      kind: 'streams',
      streams: 1000,
      everyMs: 50,
      openMs: 3000,
      warmMs: 2000,
      measureMs: seconds(quick, 15),
      newcomersPerSecond: 20,
    }),
    metrics: [
      {
        id: 'newcomer-p50',
        title: 'time to first content, p50',
        unit: 'ms',
        digits: 2,
        ofPeersOnly: false,
        of: ({ waitsMs }) => percentile(waitsMs, 0.5),
      },
      {
        id: 'newcomer-p99',
        title: 'time to first content, p99',
        unit: 'ms',
        digits: 2,
        ofPeersOnly: false,
        of: ({ waitsMs }) => percentile(waitsMs, 0.99),
      },
    ],
  },
  burst('burst', '500 streams asked for in one moment on open connections', true),
  burst('burst-new', '500 streams asked for in one moment on new connections', false),
  {
    id: 'steady',
    title: 'JSON requests at 500/s, due at set times',
    slowestPeer: 20,
    direct: true,
    fresh: false,
    settlingLoads: 0,
    turns: 1,
    job: (target, slowness, quick) => ({
      ...target,
      kind: 'paced',
      connections: 64,
      perSecond: slowness > 8 ? 100 : 500,
      warmMs: 2000,
      measureMs: seconds(quick, 8),
    }),
    metrics: [
      {
        id: 'steady-p50',
        title: 'time to the whole answer, p50',
        unit: 'ms',
        digits: 3,
        ofPeersOnly: false,
        of: ({ waitsMs }) => percentile(waitsMs, 0.5),
      },
      {
        id: 'steady-p99',
        title: 'time to the whole answer, p99',
        unit: 'ms',
        digits: 3,
        ofPeersOnly: false,
        of: ({ waitsMs }) => percentile(waitsMs, 0.99),
      },
    ],
  },
  {
    id: 'many',
    title: '8,000 streams at 2 chunks/s',
    slowestPeer: 4,
    direct: false,
    fresh: true,
    settlingLoads: 0,
    turns: 1,
    job: (target, _slowness, quick) => ({
      ...target,
      kind: 'streams',
      streams: 8000,
      everyMs: 500,
      openMs: 8000,
      warmMs: 2000,
      measureMs: seconds(quick, 10),
      newcomersPerSecond: 0,
    }),
    metrics: [
      {
        id: 'many-kib',
        title: 'memory per stream',
        unit: 'KiB',
        digits: 1,
        ofPeersOnly: true,
        of: ({ residentKib, residentBeforeKib }) => (residentKib - residentBeforeKib) / 8000,
      },
      {
        id: 'many-stall',
        title: 'longest wait beyond the interval',
        unit: 'ms',
        digits: 0,
        ofPeersOnly: false,
        of: ({ longestStallMs }) => longestStallMs,
      },
      { id: 'many-whole', title: 'streams that came whole', unit: '', digits: 0, ofPeersOnly: false, of: ({ wholeStreams }) => wholeStreams },
      { id: 'many-us', title: 'CPU per streamed chunk', unit: 'µs', digits: 1, ofPeersOnly: true, of: perUnitUs },
    ],
  },
];
