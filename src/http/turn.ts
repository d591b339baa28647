/** What has something to send at the end of a turn. */
export interface Flushable {
  readonly flush: () => void;
}

let depth = 0;
const waiting: Flushable[] = [];

/** Handles what one read brought; whatever it made to be sent is sent when all of it was handled, in one piece each. */
export function takeTurn<Given>(work: (given: Given) => void, given: Given): void {
  depth += 1;
  try {
    work(given);
  } finally {
    depth -= 1;
    if (depth === 0) for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) next.flush();
  }
}

/** Flushes at the end of the turn that is under way: where none is, when the code that runs now has ended. */
export function flushAtTurnEnd(flushable: Flushable): void {
  if (depth > 0) waiting.push(flushable);
  else process.nextTick(flushNow, flushable);
}

function flushNow(flushable: Flushable): void {
  flushable.flush();
}
