import type { Clock } from './clock.ts';

/** Random bytes are drawn so many ids at a time: drawing costs a system call. */
const idsADraw = 256;
const randomBytesAnId = 6;
/** Where in such an id the mark of its maker stands, if it has one. */
export const markFrom = 12;

/**
 * Makes ids that sort by when they were made: twelve hexadecimal digits of the milliseconds since 1970 and twelve
 * random ones, so that a database appends them instead of putting each somewhere in its middle. `fill` fills an array
 * with random bytes. `mark`: two hexadecimal digits that take the place of the first two random ones, so that whoever
 * finds an id can tell which of several processes made it.
 */
export function timeOrderedIds(clock: Pick<Clock, 'wallMs'>, fill: (bytes: Uint8Array) => void, mark = ''): () => string {
  const pool = new Uint8Array(idsADraw * randomBytesAnId);
  let used = pool.length;
  let lastMs = -1;
  let prefix = '';
  return () => {
    if (used + randomBytesAnId > pool.length) {
      fill(pool);
      used = 0;
    }
    const nowMs = clock.wallMs();
    if (nowMs !== lastMs) {
      lastMs = nowMs;
      prefix = Math.max(0, nowMs).toString(16).padStart(markFrom, '0') + mark;
    }
    let id = prefix;
    for (let end = used + randomBytesAnId - mark.length / 2; used < end; used += 1) id += hexOf[pool[used] ?? 0] ?? '';
    return id;
  };
}

const hexOf: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
