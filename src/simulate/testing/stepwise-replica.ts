import type { ReplicaShape } from '../replica/batching-replica.ts';
import type { StepWork } from '../step/step-model.ts';

export interface PlainJob {
  readonly id: number;
  readonly atMs: number;
  readonly promptTokens: number;
  readonly outputTokens: number;
  readonly hashes: readonly number[];
}

interface Sequence {
  readonly job: PlainJob;
  generated: number;
  target: number;
  computed: number;
  shared: number;
  alone: boolean;
}

export interface PlainEnd {
  readonly firstTokenMs: number;
  readonly finishedMs: number;
}

/**
 * The same engine written as plainly as it can be: one step at a time, every sequence looked at in every step, blocks
 * counted anew each time. Slow, and what the fast one is held against.
 */
export function runStepwise(
  shape: ReplicaShape,
  jobs: readonly PlainJob[],
): { readonly ends: ReadonlyMap<number, PlainEnd>; readonly preemptions: number } {
  const pending = [...jobs];
  const waiting: Sequence[] = [];
  let running: Sequence[] = [];
  /** Hash → users, in the order of the last release (idle ones: the first is evicted first). */
  const cache = new Map<number, number>();
  const ends = new Map<number, PlainEnd>();
  const firsts = new Map<number, number>();
  let nowMs = 0;
  let preemptions = 0;
  const unit = shape.prefixBlockTokens / shape.blockTokens;
  const blocksOf = (tokens: number): number => Math.ceil(tokens / shape.blockTokens);
  const used = (): number =>
    running.reduce((sum, { computed, shared }) => sum + blocksOf(computed) - shared * unit, 0) +
    [...cache.values()].filter((users) => users > 0).length * unit;
  const available = (): number => shape.capacityBlocks - used();
  const makeRoom = (): void => {
    for (const [hash, users] of cache) {
      if (used() + [...cache.values()].filter((count) => count === 0).length * unit <= shape.capacityBlocks) return;
      if (users === 0) cache.delete(hash);
    }
  };
  const leave = (sequence: Sequence): void => {
    running = running.filter((other) => other !== sequence);
    for (const hash of sequence.job.hashes.slice(0, sequence.shared).toReversed()) {
      const users = (cache.get(hash) ?? 0) - 1;
      if (users === 0) cache.delete(hash);
      cache.set(hash, users);
    }
    Object.assign(sequence, { shared: 0, computed: 0, alone: false, target: sequence.job.promptTokens + sequence.generated });
  };
  const preempt = (sequence: Sequence): void => {
    leave(sequence);
    waiting.unshift(sequence);
    preemptions += 1;
  };
  while (pending.length + waiting.length + running.length > 0) {
    if (waiting.length + running.length === 0) nowMs = Math.max(nowMs, pending[0]?.atMs ?? 0);
    while (pending[0] !== undefined && pending[0].atMs <= nowMs) {
      const job = pending.shift();
      if (job !== undefined) waiting.push({ job, generated: 0, target: job.promptTokens, computed: 0, shared: 0, alone: false });
    }
    let hasPreempted = false;
    const decoding = (): Sequence[] => running.filter(({ computed, target }) => computed >= target);
    const growing = (): number => decoding().filter(({ computed }) => computed % shape.blockTokens === 0).length;
    for (let last = running.at(-1); growing() > available() && last !== undefined; last = running.at(-1)) {
      preempt(last);
      hasPreempted = true;
    }
    const decodes = decoding();
    const work: StepWork = {
      prefillTokens: 0,
      prefillPairs: 0,
      prefillContextTokens: 0,
      decodeSequences: decodes.length,
      residentKvTokens: decodes.reduce((sum, { computed }) => sum + computed, 0),
    };
    let budget = shape.maxBatchTokens - decodes.length;
    const growth = growing();
    const through: Sequence[] = [];
    const compute = (sequence: Sequence, chunk: number): void => {
      work.prefillTokens += chunk;
      work.prefillPairs += chunk * sequence.computed + (chunk * chunk) / 2;
      work.prefillContextTokens += sequence.computed;
      sequence.computed += chunk;
      budget -= chunk;
      through.push(sequence);
      makeRoom();
    };
    const begun = running.filter((sequence) => !decodes.includes(sequence));
    for (const sequence of begun) {
      if (!running.includes(sequence) || budget === 0) continue;
      const chunk = Math.min(sequence.target - sequence.computed, budget);
      const blocks = blocksOf(sequence.computed + chunk) - blocksOf(sequence.computed);
      let stalls = false;
      while (blocks > available() - growth && !stalls) {
        const victim = begun.findLast((other) => running.includes(other));
        if (victim === undefined || victim === sequence) stalls = true;
        else {
          preempt(victim);
          hasPreempted = true;
        }
      }
      if (stalls) budget = 0;
      else compute(sequence, chunk);
    }
    while (!(hasPreempted && running.length > 0) && budget > 0 && running.length < shape.maxSequences) {
      const sequence = waiting[0];
      if (sequence === undefined) break;
      const { hashes } = sequence.job;
      let hits = 0;
      while (hits < hashes.length && cache.has(hashes[hits] ?? -1) && (hits + 1) * shape.prefixBlockTokens < sequence.target) hits += 1;
      const reused = hits * shape.prefixBlockTokens;
      const chunk = Math.min(sequence.target - reused, budget);
      const wanted = blocksOf(shape.reservesWholePrompt ? sequence.target : reused + chunk) - blocksOf(reused);
      const idle = hashes.slice(0, hits).filter((hash) => cache.get(hash) === 0).length * unit;
      if (wanted + idle > available() - growth) break;
      waiting.shift();
      for (const hash of hashes.slice(0, hits)) cache.set(hash, (cache.get(hash) ?? 0) + 1);
      sequence.shared = hits;
      sequence.computed = reused;
      running.push(sequence);
      compute(sequence, chunk);
    }
    if (work.prefillTokens + work.decodeSequences === 0) {
      if (pending[0] !== undefined) nowMs = Math.max(nowMs, pending[0].atMs);
      continue;
    }
    if (work.prefillTokens > 0) nowMs += shape.stepModel.stepMs(work);
    else {
      const line = { baseMs: 0, perKvTokenMs: 0, untilKvTokens: 0 };
      shape.stepModel.decodeLine(work.decodeSequences, work.residentKvTokens, line);
      nowMs += line.baseMs + line.perKvTokenMs * work.residentKvTokens;
    }
    for (const sequence of decodes) {
      sequence.computed += 1;
      sequence.target += 1;
      sequence.generated += 1;
    }
    makeRoom();
    for (const sequence of through) {
      const { hashes } = sequence.job;
      while (!sequence.alone && sequence.shared < Math.min(hashes.length, Math.floor(sequence.computed / shape.prefixBlockTokens))) {
        const hash = hashes[sequence.shared] ?? -1;
        if (cache.has(hash)) sequence.alone = true;
        else {
          cache.set(hash, 1);
          sequence.shared += 1;
        }
      }
      if (sequence.computed < sequence.target) continue;
      sequence.generated += 1;
      if (!firsts.has(sequence.job.id)) firsts.set(sequence.job.id, nowMs);
    }
    for (const sequence of running.toSorted((a, b) => a.job.id - b.job.id)) {
      if (sequence.computed < sequence.target || sequence.generated < sequence.job.outputTokens) continue;
      leave(sequence);
      ends.set(sequence.job.id, { firstTokenMs: firsts.get(sequence.job.id) ?? 0, finishedMs: nowMs });
    }
  }
  return { ends, preemptions };
}
