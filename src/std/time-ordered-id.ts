import type { Clock } from './clock.ts';

/** Random digits are drawn for so many ids at a time: drawing costs a system call. */
const idsADraw = 256;
const digitsAnId = 12;
/** Where in such an id the mark of its maker stands, if it has one. */
export const markFrom = 12;

/**
 * Makes ids that sort by when they were made: twelve hexadecimal digits of the milliseconds since 1970 and twelve
 * random ones, so that a database appends them instead of putting each somewhere in its middle. `draw` makes so many
 * random digits. `mark`: two hexadecimal digits that take the place of the first two random ones, so that whoever
 * finds an id can tell which of several processes made it.
 */
export function timeOrderedIds(clock: Pick<Clock, 'wallMs'>, draw: (digits: number) => string, mark = ''): () => string {
  const digits = digitsAnId - mark.length;
  let pool = '';
  let used = 0;
  let lastMs = -1;
  let prefix = '';
  return () => {
    if (used === pool.length) {
      pool = draw(idsADraw * digits);
      used = 0;
    }
    const nowMs = clock.wallMs();
    if (nowMs !== lastMs) {
      lastMs = nowMs;
      prefix = Math.max(0, nowMs).toString(16).padStart(markFrom, '0') + mark;
    }
    used += digits;
    return prefix + pool.slice(used - digits, used);
  };
}
