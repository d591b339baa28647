import { hash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AuditVerifier, damagedAction, formatAuditProblem, type AuditVerdict } from './verify-audit.ts';
import { beginning, hashOf, lineOf, readLine, type AuditEntry, type AuditHead } from './audit-entry.ts';
import { canonicalJson } from '../../std/canonical-json.ts';
import { dropTornLine, linesOf } from '../state/lines-of.ts';
import { StateFile } from '../state/state-file.ts';
import type { Actor } from '../actor.ts';
import type { Clock } from '../../std/clock.ts';

/** What somebody did, or tried to. `before` and `after` hold no secrets. */
export interface AuditNote {
  readonly actor: Actor;
  /** Such as `user.add`. */
  readonly action: string;
  readonly target: string;
  readonly outcome?: AuditEntry['outcome'];
  readonly before?: unknown;
  readonly after?: unknown;
  readonly note?: string;
}

/** The record of a change could not be written, so that the change must not be made. */
export class AuditUnavailable extends Error {
  override readonly name = 'AuditUnavailable';
}

export interface AuditSurroundings {
  readonly directory: string;
  readonly clock: Clock;
  readonly say: (message: string) => void;
  /** Told of each entry once it is on disk. */
  readonly onEntry: (entry: AuditEntry) => void;
}

const headSchema = z.strictObject({ seq: z.int().min(0), hash: z.string() });
/** What one side of a change may take of a line; of what is longer, only the hash is kept. */
const largestSide = 64 * 1024;
const longestNote = 2000;

/** The append-only log of what was done by the control API, on disk before it is done. */
export class AuditLog {
  readonly #around: AuditSurroundings;
  readonly #path: string;
  readonly #headFile: StateFile;
  #file: FileHandle;
  #head: AuditHead;
  #appending: Promise<unknown> = Promise.resolve();

  private constructor(around: AuditSurroundings, file: FileHandle, headFile: StateFile, head: AuditHead) {
    this.#around = around;
    this.#path = logPath(around.directory);
    this.#file = file;
    this.#headFile = headFile;
    this.#head = head;
  }

  /** Opens the log and looks whether it is whole. Damage is said and goes into the log; it stays visible for ever. */
  static async open(around: AuditSurroundings): Promise<AuditLog> {
    mkdirSync(around.directory, { recursive: true, mode: 0o700 });
    const path = logPath(around.directory);
    const headFile = new StateFile(headPath(around.directory));
    if (dropTornLine(path))
      around.say('The last line of the audit log was cut off while it was written; it was acknowledged to nobody, and is dropped.');
    const file = await open(path, 'a', 0o600);
    const expected = readHead(headFile);
    const { head, untold } = await verifyFile(path, expected);
    const last = head ?? { seq: 0, hash: beginning };
    // What is missing at the end must stay missing: the next entry goes on from what the head tells of.
    const log = new AuditLog(around, file, headFile, expected !== undefined && expected.seq > last.seq ? expected : last);
    const [first] = untold;
    if (first !== undefined) {
      around.say(`The audit log was tampered with or damaged: ${formatAuditProblem(first)} \`second-source audit verify\` says more.`);
      const actor: Actor = { kind: 'gateway', name: 'gateway', role: 'admin', address: 'this machine' };
      const note = untold.map(formatAuditProblem).join(' ').slice(0, longestNote);
      await log.append({ actor, action: damagedAction, target: 'audit log', note });
    } else if (expected === undefined || expected.hash !== last.hash) await headFile.write(JSON.stringify(log.#head));
    return log;
  }

  get head(): AuditHead {
    return this.#head;
  }

  /** Resolves once the entry is on disk; rejects with `AuditUnavailable`. */
  append(note: AuditNote): Promise<AuditEntry> {
    const appended = this.#appending.then(() => this.#append(note));
    this.#appending = appended.catch(() => {});
    return appended;
  }

  /** The newest entries first, of those before `beforeSeq`. */
  async list(limit: number, beforeSeq = Number.MAX_SAFE_INTEGER): Promise<readonly AuditEntry[]> {
    const kept: AuditEntry[] = [];
    for await (const line of linesOf(this.#path)) {
      const entry = readLine(line);
      if (entry === undefined || entry.seq >= beforeSeq) continue;
      kept.push(entry);
      if (kept.length > limit) kept.shift();
    }
    return kept.toReversed();
  }

  async verify(): Promise<AuditVerdict> {
    await this.#appending;
    return verifyFile(this.#path, readHead(this.#headFile));
  }

  /** The log as it stands, line by line. */
  lines(): AsyncIterable<string> {
    return linesOf(this.#path);
  }

  async close(): Promise<void> {
    await this.#appending;
    await this.#file.close();
  }

  async #append({ actor, action, target, outcome = 'done', before, after, note }: AuditNote): Promise<AuditEntry> {
    const { kind, name, role, address } = actor;
    const bare = {
      seq: this.#head.seq + 1,
      at: new Date(this.#around.clock.wallMs()).toISOString(),
      actor: { kind, name, role, address },
      action,
      target,
      outcome,
      before: side(before),
      after: side(after),
      note: note ?? null,
      previous: this.#head.hash,
    };
    const entry: AuditEntry = { ...bare, hash: hashOf(bare) };
    try {
      await this.#file.appendFile(`${lineOf(entry)}\n`);
      await this.#file.datasync();
      this.#head = { seq: entry.seq, hash: entry.hash };
      await this.#headFile.write(JSON.stringify(this.#head));
    } catch (error) {
      this.#around.say(`The audit log cannot be written: ${error instanceof Error ? error.message : String(error)}`);
      throw new AuditUnavailable('the audit log cannot be written');
    }
    this.#around.onEntry(entry);
    return entry;
  }
}

/** One side of a change as it stands in the log. */
function side(value: unknown): AuditEntry['before'] {
  const text = canonicalJson(value ?? null);
  const bytes = Buffer.byteLength(text);
  if (bytes > largestSide) return { bytes, sha256: hash('sha256', text, 'hex') };
  return z.json().parse(JSON.parse(text));
}

/** Verifies the log of a state directory, for the gateway and for whoever holds a copy. */
export function verifyAuditIn(directory: string): Promise<AuditVerdict> {
  return verifyFile(logPath(directory), readHead(new StateFile(headPath(directory))));
}

function logPath(directory: string): string {
  return join(directory, 'audit.jsonl');
}

function headPath(directory: string): string {
  return join(directory, 'audit-head.json');
}

async function verifyFile(path: string, expected: AuditHead | undefined): Promise<AuditVerdict> {
  const verifier = new AuditVerifier(expected);
  for await (const line of linesOf(path)) verifier.push(line);
  return verifier.end();
}

/** Undefined where it is missing or is no head. */
function readHead(file: StateFile): AuditHead | undefined {
  try {
    const parsed = headSchema.safeParse(JSON.parse(file.read() ?? ''));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
