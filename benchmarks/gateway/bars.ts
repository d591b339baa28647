import { again, type Measurements } from './measurements.ts';

export interface Bar {
  readonly text: string;
  readonly result: 'held' | 'missed' | 'unclear' | 'not measured';
  readonly found: string;
}

/** The first of the peers, which each round measures twice. */
const reference = 'nginx';
/** A stream at 2 chunks/s that got nothing for this long beyond its interval has missed a whole chunk's turn. */
const stallMs = 500;

/**
 * The reference was measured twice: a bar is held if it holds against both results, missed if against neither, and
 * unclear where the machine's noise alone decides.
 */
function factor(measured: Measurements, metric: string, of: string, most: number, text: string): Bar {
  const own = measured.of(metric, 'ours')?.median;
  const results = [measured.of(metric, of), of === reference ? measured.of(metric, again) : undefined].flatMap((found) => found?.median ?? []);
  if (own === undefined || results.length === 0) return { text, result: 'not measured', found: '' };
  const factors = results.map((result) => own / result).toSorted((a, b) => a - b);
  const held = factors.filter((found) => found <= most).length;
  const result = held === factors.length ? 'held' : held === 0 ? 'missed' : 'unclear';
  return { text, result, found: `${factors.map((found) => found.toFixed(2)).join(' and ')} × ${of}` };
}

function atMost(measured: Measurements, metric: string, most: number, unit: string, text: string): Bar {
  const own = measured.of(metric, 'ours')?.median;
  if (own === undefined) return { text, result: 'not measured', found: '' };
  return { text, result: own <= most ? 'held' : 'missed', found: `${own.toFixed(1)} ${unit}` };
}

/** What a gateway adds to the time without one. */
function added(measured: Measurements, text: string): Bar {
  const direct = measured.of('steady-p50', 'direct')?.median;
  const own = measured.of('steady-p50', 'ours')?.median;
  const other = measured.of('steady-p50', 'haproxy')?.median;
  if (direct === undefined || own === undefined || other === undefined) return { text, result: 'not measured', found: '' };
  const found = `${(own - direct).toFixed(3)} ms, haproxy ${(other - direct).toFixed(3)} ms: ${((own - direct) / (other - direct)).toFixed(2)} ×`;
  return { text, result: own - direct <= 2 * (other - direct) ? 'held' : 'missed', found };
}

function whole(measured: Measurements, text: string): Bar {
  const least = measured.of('many-whole', 'ours')?.least;
  if (least === undefined) return { text, result: 'not measured', found: '' };
  return { text, result: least === 8000 ? 'held' : 'missed', found: `${least} of 8000 in the worst round` };
}

function twice(measured: Measurements, text: string): Bar {
  const one = measured.of('request-capacity', 'ours')?.median;
  const two = measured.of('request-capacity', 'ours-2')?.median;
  if (one === undefined || two === undefined) return { text, result: 'not measured', found: '' };
  return { text, result: two >= 1.7 * one ? 'held' : 'missed', found: `${(two / one).toFixed(2)} ×` };
}

/** What this project has set itself, each with what was found. */
export function judgeBars(measured: Measurements): readonly Bar[] {
  return [
    factor(measured, 'request-us', 'nginx', 3, 'CPU per request at most 3 × nginx'),
    factor(measured, 'request-us', 'nginx', 2, 'CPU per request at most 2 × nginx (the aim)'),
    factor(measured, 'chunk-us', 'nginx', 1.6, 'CPU per chunk at most 1.6 × nginx'),
    factor(measured, 'chunk-us', 'nginx', 1.2, 'CPU per chunk at most 1.2 × nginx (the aim)'),
    factor(measured, 'newcomer-p99', 'nginx', 4, 'first content p99 of new streams while 1,000 run at most 4 × nginx’s'),
    factor(measured, 'burst-p99', 'nginx', 4, 'first content p99 of 500 streams at once at most 4 × nginx’s'),
    added(measured, 'steady p50 added at most 2 × what HAProxy adds'),
    atMost(measured, 'many-kib', 40, 'KiB', '8,000 streams: at most 40 KiB each'),
    atMost(measured, 'many-stall', stallMs, 'ms', `8,000 streams: none waits over ${stallMs} ms beyond its interval`),
    whole(measured, '8,000 streams: all come whole'),
    twice(measured, 'two processes on two cores carry at least 1.7 × one'),
    ...['envoy', 'bifrost', 'portkey', 'litellm'].flatMap((peer) => [
      factor(measured, 'request-us', peer, 1, `CPU per request below ${peer}`),
      factor(measured, 'chunk-us', peer, 1, `CPU per chunk below ${peer}`),
    ]),
  ];
}
