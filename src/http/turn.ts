/** What has something to send at the end of a turn. */
export interface Flushable {
  readonly flush: () => void;
}

let waiting: Flushable[] = [];
let emptied: Flushable[] = [];
let isScheduled = false;

/**
 * Flushes at the end of the event loop's turn, behind everything that its reads brought. What one turn makes to be sent
 * leaves in one write a connection, and all writes leave one after another: each wakes its peer, and a peer that is woken
 * for every single one costs both sides more than the work itself.
 */
export function flushAtTurnEnd(flushable: Flushable): void {
  waiting.push(flushable);
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(flushAll);
}

function flushAll(): void {
  isScheduled = false;
  const flushing = waiting;
  waiting = emptied;
  for (const flushable of flushing) flushable.flush();
  flushing.length = 0;
  emptied = flushing;
}
