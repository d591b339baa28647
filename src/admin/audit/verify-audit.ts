import { beginning, hashOf, readLine, type AuditHead } from './audit-entry.ts';

export interface AuditProblem {
  /** From 1; 0 where it is no single line that is wrong. */
  readonly line: number;
  readonly what: string;
}

export interface AuditVerdict {
  readonly entries: number;
  /** The last entry that was read. */
  readonly head: AuditHead | undefined;
  readonly problems: readonly AuditProblem[];
  /** Of these, what the log itself does not tell of yet. */
  readonly untold: readonly AuditProblem[];
}

/** What the gateway itself notes at a start where the log was not whole. */
export const damagedAction = 'audit.damaged';

/** More would say nothing new. */
const mostProblems = 100;

/**
 * Reads the audit log line by line and says where it is not what was written: an entry that was edited, taken out, put
 * in or moved breaks the chain of hashes at that place, and an end that was cut off is missed by the head.
 */
export class AuditVerifier {
  readonly #problems: AuditProblem[] = [];
  #line = 0;
  #toldUpTo = 0;
  #entries = 0;
  #head: AuditHead | undefined;
  /** Of the entry that the head is expected to name, however far the log goes on after it. */
  readonly #hashes = new Map<number, string>();
  readonly #expected: AuditHead | undefined;

  constructor(expected: AuditHead | undefined) {
    this.#expected = expected;
  }

  push(line: string): void {
    this.#line += 1;
    const entry = readLine(line);
    if (entry === undefined) return this.#say(`is no entry of the audit log, or was edited`);
    this.#entries += 1;
    const due = (this.#head?.seq ?? 0) + 1;
    if (hashOf(entry) !== entry.hash) this.#say(`was edited: the hash of entry ${entry.seq} does not fit what it says`);
    else if (entry.seq < due) this.#say(`holds entry ${entry.seq} again or out of its order, where entry ${due} belongs`);
    else if (entry.seq > due) this.#say(`holds entry ${entry.seq}: ${missing(due, entry.seq - 1)} before it`);
    else if (entry.previous !== (this.#head?.hash ?? beginning))
      this.#say(`does not go on from the line before: entry ${due - 1} was replaced, or entry ${entry.seq} was put in`);
    if (entry.action === damagedAction) {
      this.#say(`tells of damage that was found before it: ${entry.note ?? ''}`);
      this.#toldUpTo = this.#line;
    }
    if (entry.seq === this.#expected?.seq) this.#hashes.set(entry.seq, entry.hash);
    this.#head = { seq: entry.seq, hash: entry.hash };
  }

  end(): AuditVerdict {
    const expected = this.#expected;
    const last = this.#head?.seq ?? 0;
    if (expected === undefined) {
      if (this.#line > 0) this.#note(0, 'the file with the head of the log is missing, so that a cut end could not be seen');
    } else if (last < expected.seq)
      this.#note(this.#line, `is the last, with entry ${last}, and the head tells of entry ${expected.seq}: ${missing(last + 1, expected.seq)}`);
    else if (last > expected.seq + 1)
      // One more is what a crash between the log and its head leaves.
      this.#note(this.#line, `is the last, with entry ${last}, and the head tells of entry ${expected.seq}: what follows that was not written here`);
    else if (expected.seq > 0 && this.#hashes.get(expected.seq) !== expected.hash)
      this.#note(0, `entry ${expected.seq} is not the one that the head tells of: the log was written anew`);
    const untold = this.#problems.filter(({ line }) => line === 0 || line > this.#toldUpTo);
    return { entries: this.#entries, head: this.#head, problems: this.#problems, untold };
  }

  #say(what: string): void {
    this.#note(this.#line, what);
  }

  #note(line: number, what: string): void {
    if (this.#problems.length < mostProblems) this.#problems.push({ line, what });
  }
}

export function formatAuditProblem({ line, what }: AuditProblem): string {
  return line === 0 ? `${what}.` : `line ${line} ${what}.`;
}

function missing(from: number, to: number): string {
  return from === to ? `entry ${from} is missing` : `entries ${from} to ${to} are missing`;
}
