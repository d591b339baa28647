import { ByteTape } from './byte-tape.ts';
import type { AnswerHead, ClientAnswer, Reply } from '../client-answer.ts';
import type { Fault } from '../../std/error-catalogue.ts';
import type { IdempotencySlot } from './idempotency-store.ts';
import type { Provenance } from '../../upstream/provenance.ts';

/** How far the slowest follower of an answer that is no longer stored may be behind before the upstream is paused. */
const windowBytes = 262_144;
/** What may be given to a later request: a success, or a refusal that the same body would meet again. */
const keptStatuses = new Set([200, 400, 413]);
const encoder = new TextEncoder();

/** One client's connection, as a follower needs it. */
export interface FollowingClient extends Pick<ClientAnswer, 'write' | 'onDrain' | 'onGone' | 'end' | 'fail'> {
  readonly begin: (head: AnswerHead) => void;
}

interface Follower {
  readonly client: FollowingClient;
  /** Added to the head, so that a client can tell a replay from an answer of its own. */
  readonly extraHeaders: Readonly<Record<string, string>>;
  begun: boolean;
  position: number;
  waiting: boolean;
}

interface Failed {
  readonly kind: 'failed';
  readonly fault: Fault;
  readonly told: Uint8Array | undefined;
}

export interface SharedAnswerOptions {
  readonly slot: IdempotencySlot;
  readonly nowMs: () => number;
  readonly headOf: (provenance: Provenance) => AnswerHead;
}

/**
 * An answer that several clients get from one run: the relay writes it once, and each follower is sent it from its
 * beginning at its own pace. It runs on while anybody follows, and is abandoned when the last one has gone.
 */
export class SharedAnswer implements ClientAnswer {
  readonly #options: SharedAnswerOptions;
  readonly #tape = new ByteTape();
  readonly #followers = new Set<Follower>();
  #head: AnswerHead | undefined;
  #end: { readonly kind: 'complete' } | Failed | { readonly kind: 'gone' } | undefined;
  #stored = true;
  #paused = false;
  #onDrain: () => void = () => {};
  #onGone: () => void = () => {};

  constructor(options: SharedAnswerOptions) {
    this.#options = options;
  }

  get begun(): boolean {
    return this.#head !== undefined;
  }

  follow(client: FollowingClient, extraHeaders: Readonly<Record<string, string>> = {}): void {
    const follower: Follower = { client, extraHeaders, begun: false, position: 0, waiting: false };
    this.#followers.add(follower);
    client.onDrain(() => {
      follower.waiting = false;
      this.#pump(follower);
      this.#resume();
    });
    client.onGone(() => this.#leave(follower));
    this.#pump(follower);
  }

  commit(provenance: Provenance): void {
    this.#head ??= this.#options.headOf(provenance);
    this.#pumpAll();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#end !== undefined) return true;
    this.#stored &&= this.#options.slot.takeRoom(bytes.length);
    this.#tape.append(bytes);
    this.#pumpAll();
    if (this.#stored) return true;
    this.#paused = this.#lagBytes() > windowBytes;
    return !this.#paused;
  }

  onDrain(run: () => void): void {
    this.#onDrain = run;
  }

  onGone(run: () => void): void {
    if (this.#end?.kind === 'gone') return run();
    this.#onGone = run;
  }

  send({ body, ...head }: Reply): void {
    if (this.#end !== undefined) return;
    this.#head = head;
    this.write(typeof body === 'string' ? encoder.encode(body) : body);
    this.#finish({ kind: 'complete' }, keptStatuses.has(head.status));
  }

  end(): void {
    this.#finish({ kind: 'complete' }, true);
  }

  fail(fault: Fault, told?: Uint8Array): void {
    this.#finish({ kind: 'failed', fault, told }, false);
  }

  #finish(end: { readonly kind: 'complete' } | Failed, keep: boolean): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#tape.seal();
    if (keep) this.#options.slot.keep(this.#options.nowMs());
    else this.#options.slot.forget();
    this.#pumpAll();
  }

  #leave(follower: Follower): void {
    if (!this.#followers.delete(follower)) return;
    if (this.#followers.size > 0 || this.#end !== undefined) return this.#resume();
    this.#end = { kind: 'gone' };
    // At once, not when the relay has noticed: a retry that comes meanwhile must not wait for a run that was given up.
    this.#options.slot.forget();
    this.#onGone();
  }

  #pumpAll(): void {
    for (const follower of this.#followers) this.#pump(follower);
  }

  #pump(follower: Follower): void {
    const head = this.#head;
    if (head === undefined || !this.#followers.has(follower)) return;
    const { client } = follower;
    if (!follower.begun) {
      follower.begun = true;
      client.begin({ ...head, headers: { ...head.headers, ...follower.extraHeaders } });
    }
    while (!follower.waiting && follower.position < this.#tape.end) {
      const bytes = this.#tape.read(follower.position);
      follower.position += bytes.length;
      follower.waiting = !client.write(bytes);
    }
    if (this.#end === undefined || follower.position < this.#tape.end) return;
    this.#followers.delete(follower);
    if (this.#end.kind === 'failed') client.fail(this.#end.fault, this.#end.told);
    else client.end();
  }

  /** How far the slowest is behind; what all have is let go once the answer is no longer stored. */
  #lagBytes(): number {
    const slowest = Math.min(this.#tape.end, ...[...this.#followers].map(({ position }) => position));
    this.#tape.dropBefore(slowest);
    return this.#tape.end - slowest;
  }

  #resume(): void {
    if (!this.#paused || this.#lagBytes() > windowBytes) return;
    this.#paused = false;
    this.#onDrain();
  }
}
