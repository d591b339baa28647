import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replayable } from '../../std/testing/replayable.ts';
import { entryBytes, IdempotencyStore, type IdempotencySlot } from './idempotency-store.ts';

interface Run {
  readonly scope: string;
  readonly bodyHash: string;
  readonly slot: IdempotencySlot;
}

const limits = { maxEntries: 3, maxBytes: 64 * entryBytes, keepMs: 1000 };

function begin(store: IdempotencyStore<Run>, scope: string, bodyHash: string, nowMs: number): ReturnType<IdempotencyStore<Run>['claim']> {
  return store.claim(scope, bodyHash, nowMs, (slot) => ({ scope, bodyHash, slot }));
}

function begun(store: IdempotencyStore<Run>, scope: string, nowMs = 0): Run {
  const claim = begin(store, scope, 'a', nowMs);
  if (claim.kind !== 'begun') throw new Error(`expected a new entry, got ${claim.kind}`);
  return claim.answer;
}

test('the same key and body meet the run that is there, another body meets a refusal', () => {
  const store = new IdempotencyStore<Run>(limits);
  const run = begun(store, 'one');
  expect(begin(store, 'one', 'a', 1)).toEqual({ kind: 'known', answer: run });
  expect(begin(store, 'one', 'b', 1)).toEqual({ kind: 'mismatch' });
  run.slot.keep(2);
  expect(begin(store, 'one', 'a', 3)).toEqual({ kind: 'known', answer: run });
  expect(begin(store, 'one', 'b', 3)).toEqual({ kind: 'mismatch' });
});

test('what failed is forgotten, and what was kept expires', () => {
  const store = new IdempotencyStore<Run>(limits);
  begun(store, 'one').slot.forget();
  begun(store, 'one').slot.keep(10);
  expect(begin(store, 'one', 'a', 1009).kind).toBe('known');
  expect(begin(store, 'one', 'b', 1010).kind).toBe('begun');
});

test('running requests are never driven out: where only they are left, a new one is refused', () => {
  const store = new IdempotencyStore<Run>(limits);
  const runs = ['one', 'two', 'three'].map((scope) => begun(store, scope));
  expect(begin(store, 'four', 'a', 0)).toEqual({ kind: 'full' });
  runs[1]?.slot.keep(1);
  expect(begin(store, 'four', 'a', 1).kind).toBe('begun');
  expect(begin(store, 'two', 'a', 1)).toEqual({ kind: 'full' });
});

test('an answer that is too long is let go, and whoever repeats its request is told that it still runs', () => {
  const store = new IdempotencyStore<Run>(limits);
  const { slot } = begun(store, 'one');
  expect(slot.takeRoom(entryBytes * 3)).toBe(true);
  expect(slot.takeRoom(1)).toBe(false);
  expect(store.status().bytes).toBe(entryBytes);
  expect(begin(store, 'one', 'a', 0)).toEqual({ kind: 'unstored' });
  slot.keep(0);
  expect(begin(store, 'one', 'a', 0).kind).toBe('begun');
});

/** The simplest store that could be: one list, oldest end first, searched from its start. */
class Model {
  entries: { run: Run; bytes: number; stored: boolean; endedMs: number | undefined }[] = [];

  bytes(): number {
    return this.entries.reduce((sum, entry) => sum + entry.bytes, 0);
  }

  evict(): boolean {
    const oldest = this.entries
      .filter(({ endedMs }) => endedMs !== undefined)
      .reduce<(typeof this.entries)[number] | undefined>(
        (first, entry) => (first === undefined || (entry.endedMs ?? 0) < (first.endedMs ?? 0) ? entry : first),
        undefined,
      );
    this.entries = this.entries.filter((entry) => entry !== oldest);
    return oldest !== undefined;
  }

  room(bytes: number): boolean {
    while (this.bytes() + bytes > limits.maxBytes) if (!this.evict()) return false;
    return true;
  }

  claim(scope: string, bodyHash: string, nowMs: number): string {
    this.entries = this.entries.filter(({ endedMs }) => endedMs === undefined || endedMs + limits.keepMs > nowMs);
    const known = this.entries.find(({ run }) => run.scope === scope);
    if (known !== undefined) return known.run.bodyHash !== bodyHash ? 'mismatch' : known.stored ? 'known' : 'unstored';
    if (this.entries.length >= limits.maxEntries && !this.evict()) return 'full';
    return this.room(entryBytes) ? 'begun' : 'full';
  }

  takeRoom(run: Run, bytes: number): boolean {
    const entry = this.entries.find((candidate) => candidate.run === run);
    if (entry === undefined || !entry.stored) return false;
    if (entry.bytes + bytes <= limits.maxBytes / 16 && this.room(bytes)) {
      entry.bytes += bytes;
      return true;
    }
    entry.bytes = entryBytes;
    entry.stored = false;
    return false;
  }

  end(run: Run, endedMs: number | undefined): void {
    const entry = this.entries.find((candidate) => candidate.run === run);
    if (entry === undefined) return;
    if (endedMs !== undefined && entry.stored) entry.endedMs = endedMs;
    else this.entries = this.entries.filter((other) => other !== entry);
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('claim' as const), scope: fc.constantFrom('one', 'two', 'three', 'four'), bodyHash: fc.constantFrom('a', 'b') }),
  fc.record({ kind: fc.constant('take' as const), which: fc.nat(5), bytes: fc.nat(2 * entryBytes) }),
  fc.record({ kind: fc.constant('keep' as const), which: fc.nat(5) }),
  fc.record({ kind: fc.constant('forget' as const), which: fc.nat(5) }),
);

test('over any history it says what the model says, and stays within its limits', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), step), { maxLength: 120 }), (steps) => {
      const store = new IdempotencyStore<Run>(limits);
      const model = new Model();
      const running: Run[] = [];
      let nowMs = 0;
      for (const [waitMs, act] of steps) {
        nowMs += waitMs;
        if (act.kind === 'claim') {
          const claim = begin(store, act.scope, act.bodyHash, nowMs);
          expect(claim.kind).toBe(model.claim(act.scope, act.bodyHash, nowMs));
          if (claim.kind === 'begun') {
            running.push(claim.answer);
            model.entries.push({ run: claim.answer, bytes: entryBytes, stored: true, endedMs: undefined });
          }
          if (claim.kind === 'known') expect(claim.answer).toMatchObject({ scope: act.scope, bodyHash: act.bodyHash });
        } else {
          const run = running[act.which % running.length];
          if (run === undefined) continue;
          if (act.kind === 'take') expect(run.slot.takeRoom(act.bytes)).toBe(model.takeRoom(run, act.bytes));
          else {
            running.splice(running.indexOf(run), 1);
            if (act.kind === 'keep') run.slot.keep(nowMs);
            else run.slot.forget();
            model.end(run, act.kind === 'keep' ? nowMs : undefined);
          }
        }
        expect(store.status()).toMatchObject({ entries: model.entries.length, bytes: model.bytes() });
        expect(store.status().entries).toBeLessThanOrEqual(limits.maxEntries);
        expect(store.status().bytes).toBeLessThanOrEqual(limits.maxBytes);
      }
    }),
    replayable('src/gateway/idempotency/idempotency-store.test.ts', 500),
  );
});
