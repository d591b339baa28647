import { modelName } from './engine-folder.ts';
import { sleep, systemClock } from '../../src/std/clock.ts';
import type { Asked, SdkClient } from '../../test/sdk/sdk-client.ts';
import type { EngineProcess } from './engine-process.ts';
import type { LoneEngine } from './lone-engine.ts';
import type { SdkRow } from './sdk-row.ts';

/** Long whatever the engine: the demo model counts well past where it should end. */
const longQuestion = { model: modelName, prompt: 'Count from 1 to 40.', maxTokens: 900 } as const;
const soonMs = 500;
const waitMs = 10_000;
const tries = 5;
/** Where there is no gauge: how long its work is looked at, before and after. */
const windowMs = 400;
/** What a server that has nothing to do may take of a processor. */
const idleShare = 0.1;

type Seen = Omit<SdkRow, 'sdk'>;

/** Every SDK leaves in mid-answer: by the engine's own gauge its work must stop, or by what can be seen of it else. */
export async function checkAborts({ engine, clients }: LoneEngine): Promise<SdkRow[]> {
  const rows: SdkRow[] = [];
  const check = engine.recipe.runningGauge === undefined ? byProcessor : byGauge;
  for (const { name, client } of clients) {
    let seen = await check(engine, client);
    // On a busy machine an answer may be whole before its first word has reached the SDK's user.
    for (let more = tries - 1; more > 0 && seen === undefined; more -= 1) seen = await check(engine, client);
    rows.push({ sdk: name, ...(seen ?? { held: false, what: `the answer was whole before it could be left, ${tries} times` }) });
  }
  return rows;
}

/** Undefined where the engine was done before it could be looked at. */
async function byGauge(engine: EngineProcess, client: SdkClient): Promise<Seen | undefined> {
  const left = await leave(client, () => engine.runningRequests());
  if (left === undefined || left.seen === 0) return undefined;
  while ((await engine.runningRequests()) > 0 && systemClock.nowMs() - left.atMs < waitMs) await sleep(systemClock, 5);
  const tookMs = systemClock.nowMs() - left.atMs;
  return {
    held: left.seen === 1 && tookMs <= soonMs,
    what: `\`${engine.recipe.runningGauge}\` ${left.seen} in mid-answer, 0 within ${tookMs.toFixed(0)} ms of the abort`,
  };
}

async function byProcessor(engine: EngineProcess, client: SdkClient): Promise<Seen | undefined> {
  const left = await leave(client, () => processorShare(engine));
  if (left === undefined || left.seen < 2 * idleShare) return undefined;
  await sleep(systemClock, soonMs);
  const after = await processorShare(engine);
  return {
    held: after < idleShare,
    what: `it has no gauge; it took ${percent(left.seen)} of a processor in mid-answer, and ${percent(after)} from ${soonMs} ms after the abort`,
  };
}

async function processorShare(engine: EngineProcess): Promise<number> {
  const [beganMs, cpuMs] = [systemClock.nowMs(), engine.cpuMs()];
  await sleep(systemClock, windowMs);
  return (engine.cpuMs() - cpuMs) / (systemClock.nowMs() - beganMs);
}

interface Left<T> {
  readonly atMs: number;
  readonly seen: T;
}

/** Streams, looks at the engine once the first text has come, and leaves; undefined where no text came before the end. */
async function leave<T>(client: SdkClient, look: () => Promise<T>): Promise<Left<T> | undefined> {
  const aborter = new AbortController();
  let looking: Promise<Left<T>> | undefined;
  const asked: Asked = { ...longQuestion, signal: aborter.signal };
  const lookAndLeave = async (): Promise<Left<T>> => {
    const seen = await look();
    aborter.abort();
    return { atMs: systemClock.nowMs(), seen };
  };
  // Some SDKs throw on an abort and others end quietly: what matters is that nothing goes on.
  await client.stream(asked, () => void (looking ??= lookAndLeave())).catch(() => undefined);
  return looking;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
