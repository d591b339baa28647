import type { Clock } from './clock.ts';

/** Random bytes are drawn so many ids at a time: drawing costs a system call. */
const idsADraw = 256;
const randomBytesAnId = 6;

/**
 * Makes ids that sort by when they were made: twelve hexadecimal digits of the milliseconds since 1970 and twelve
 * random ones, so that a database appends them instead of putting each somewhere in its middle. `fill` fills an array
 * with random bytes.
 */
export function timeOrderedIds(clock: Pick<Clock, 'wallMs'>, fill: (bytes: Uint8Array) => void): () => string {
  const pool = new Uint8Array(idsADraw * randomBytesAnId);
  let used = pool.length;
  let lastMs = -1;
  let prefix = '';
  return () => {
    if (used === pool.length) {
      fill(pool);
      used = 0;
    }
    const nowMs = clock.wallMs();
    if (nowMs !== lastMs) {
      lastMs = nowMs;
      prefix = Math.max(0, nowMs).toString(16).padStart(12, '0');
    }
    let id = prefix;
    for (let end = used + randomBytesAnId; used < end; used += 1) id += hexOf[pool[used] ?? 0] ?? '';
    return id;
  };
}

const hexOf: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
