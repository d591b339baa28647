/** What got something in a turn and reads it at the turn's end. */
export interface TurnReader {
  readonly read: () => void;
}

/** What has something to send at the end of a turn. */
export interface Flushable {
  readonly flush: () => void;
}

/** Two lists that change places, so that what is added while one is gone through waits for the next turn. */
class Turned<Kind> {
  #waiting: Kind[] = [];
  #emptied: Kind[] = [];

  add(one: Kind): void {
    this.#waiting.push(one);
  }

  each(run: (one: Kind) => void): void {
    const taken = this.#waiting;
    this.#waiting = this.#emptied;
    for (const one of taken) run(one);
    taken.length = 0;
    this.#emptied = taken;
  }
}

const readers = new Turned<TurnReader>();
const flushables = new Turned<Flushable>();
let isReading = false;
let isSending = false;

function readAll(): void {
  isReading = false;
  readers.each(readOne);
}

function sendAll(): void {
  // Something was made to be sent in this turn before the first bytes came.
  if (isReading) readAll();
  isSending = false;
  flushables.each(flushOne);
}

function scheduleSending(): void {
  if (isSending) return;
  isSending = true;
  setImmediate(sendAll);
}

function readOne(reader: TurnReader): void {
  reader.read();
}

function flushOne(flushable: Flushable): void {
  flushable.flush();
}

/**
 * Reads at the end of the event loop's turn, together with whatever else the turn brought: the same work done for many
 * requests one after another finds its code and its memory in the processor's caches, which a request on its own does not.
 */
export function readAtTurnEnd(reader: TurnReader): void {
  readers.add(reader);
  if (isReading) return;
  isReading = true;
  setImmediate(readAll);
  // In an immediate of its own: Node runs promises between two of them, so what the reads lead to is sent in this turn too.
  scheduleSending();
}

/**
 * Flushes behind everything that the turn's reads brought. What one turn makes to be sent leaves in one write a
 * connection, and all writes leave one after another: each wakes its peer, and a peer that is woken for every single one
 * costs both sides more than the work itself.
 */
export function flushAtTurnEnd(flushable: Flushable): void {
  flushables.add(flushable);
  scheduleSending();
}
