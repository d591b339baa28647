/** What got something in a turn and reads it at the turn's end. */
export interface TurnReader {
  readonly read: () => void;
}

/** What has something to send at the end of a turn. */
export interface Flushable {
  readonly flush: () => void;
}

/**
 * Two lists that change places, so that what is added while one is gone through waits for the next turn. They keep their
 * length and are counted beside it: a list that is cut to nothing gives its memory back and grows anew every turn.
 */
class Turned<Kind> {
  #waiting: (Kind | undefined)[] = [];
  #emptied: (Kind | undefined)[] = [];
  #count = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add(one: Kind): void {
    this.#waiting[this.#count] = one;
    this.#count += 1;
    schedule();
  }

  each(run: (one: Kind) => void): void {
    const taken = this.#waiting;
    const count = this.#count;
    this.#waiting = this.#emptied;
    this.#count = 0;
    for (let at = 0; at < count; at += 1) {
      const one = taken[at];
      taken[at] = undefined;
      if (one !== undefined) run(one);
    }
    this.#emptied = taken;
  }
}

const readers = new Turned<TurnReader>();
const records = new Turned<() => void>();
const flushables = new Turned<Flushable>();
let isScheduled = false;

/** Each step in an immediate of its own: Node runs promises between two of them, so what a step leads to goes along with the next. */
function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(readAll);
  setImmediate(recordAll);
  setImmediate(sendAll);
}

function readAll(): void {
  readers.each(readOne);
}

function recordAll(): void {
  records.each(runOne);
}

function sendAll(): void {
  isScheduled = false;
  // What came too late for its step of this turn.
  if (!readers.isEmpty || !records.isEmpty) schedule();
  flushables.each(flushOne);
}

function runOne(run: () => void): void {
  run();
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
}

/**
 * Runs behind everything that the turn's reads brought, and before anything of the turn is sent: what must be written
 * down first is written once for all requests, and who waits for it by a promise goes on in time for the turn's sends.
 */
export function recordAtTurnEnd(run: () => void): void {
  records.add(run);
}

/**
 * Flushes behind everything that the turn's reads brought. What one turn makes to be sent leaves in one write a
 * connection, and all writes leave one after another: each wakes its peer, and a peer that is woken for every single one
 * costs both sides more than the work itself.
 */
export function flushAtTurnEnd(flushable: Flushable): void {
  flushables.add(flushable);
}
