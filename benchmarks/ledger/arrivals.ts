/**
 * Says when requests arrive and when their answers end, one byte an event on its standard output, so that the
 * measured process waits for events one at a time as a gateway does. Arguments: requests a second, requests.
 */
import { writeSync } from 'node:fs';
import { seededRandom } from '../../src/std/random.ts';

const [, , rate = '0', count = '0'] = process.argv;
const answerMs = 20;
const random = seededRandom(7);

// Exponential gaps: independent clients, so that some requests come close together and most do not.
const arrivals: number[] = [];
let atMs = 0;
for (let request = 0; request < Number(count); request += 1) {
  atMs += (-Math.log(1 - random()) * 1000) / Number(rate);
  arrivals.push(atMs);
}
const events = [...arrivals.map((ms) => ({ ms, byte: 'o' })), ...arrivals.map((ms) => ({ ms: ms + answerMs, byte: 'c' }))].toSorted(
  (a, b) => a.ms - b.ms,
);

const pause = new Int32Array(new SharedArrayBuffer(4));
const startMs = performance.now();
for (let next = 0; next < events.length;) {
  const nowMs = performance.now() - startMs;
  let bytes = '';
  for (let event = events[next]; event !== undefined && event.ms <= nowMs; event = events[next]) {
    bytes += event.byte;
    next += 1;
  }
  if (bytes !== '') writeSync(1, bytes);
  const waitMs = (events[next]?.ms ?? 0) - (performance.now() - startMs);
  if (waitMs > 0) Atomics.wait(pause, 0, 0, waitMs);
}
