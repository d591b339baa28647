import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { LedgerDesk } from './ledger-desk.ts';
import { openSqliteLedger } from './open-sqlite-ledger.ts';
import { systemClock } from '../std/clock.ts';
import type { AttemptOpened, TokenUsage } from './ledger.ts';

const usage = (outputTokens: number): TokenUsage => ({ inputTokens: 10, cachedInputTokens: 0, outputTokens, source: 'upstream' });
const opened = (attemptId: string, openedAtWallMs: number, said: Partial<AttemptOpened> = {}): AttemptOpened => ({
  attemptId,
  requestId: `r-${attemptId}`,
  ordinal: 1,
  reason: 'first',
  tenant: 'local',
  route: 'chat',
  model: 'm',
  deploymentId: 'm@green',
  endpointId: 'green',
  vendor: 'nvidia',
  chip: 'H100 SXM',
  evidence: 'declared',
  openedAtWallMs,
  reservedInputTokens: 10,
  reservedOutputTokens: 10,
  ...said,
});

test('attempts are summed by the stretch of their dispatch, model and endpoint, and judged by the SLO that is asked for', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'second-source-loads-'));
  const ledger = await openSqliteLedger({ directory, fsync: 'never', memory: 'off', clock: systemClock });
  onTestFinished(async () => {
    await ledger.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const close = (attemptId: string, ttftMs: number | undefined, durationMs: number, outcome = 'ok', costUsd: number | null = 0.5): void =>
    ledger.closeAttempt({ attemptId, state: 'S', outcome, usage: usage(11), costUsd: costUsd ?? undefined, ttftMs, durationMs });
  for (const [id, at] of [
    ['fast', 1000],
    ['slow', 1500],
    ['later', 61_000],
    ['left', 1600],
    ['lost', 1700],
    ['untimed', 1800],
  ] as const)
    await ledger.openAttempt(opened(id, at));
  await ledger.openAttempt(opened('other', 1900, { endpointId: 'red', vendor: 'amd', chip: 'MI300X' }));
  close('fast', 100, 1100);
  close('slow', 900, 1900);
  close('later', 100, 5100, 'ok', null);
  close('left', undefined, 10, 'client_closed');
  ledger.closeAttempt({
    attemptId: 'lost',
    state: 'U',
    outcome: 'upstream_stream_error',
    usage: undefined,
    costUsd: undefined,
    ttftMs: 5,
    durationMs: 9,
  });
  close('untimed', undefined, 500);
  await ledger.flush();
  const desk = new LedgerDesk((task) => ledger.ask(task));
  const loads = (slo: { readonly ttftMs?: number; readonly tpotMs?: number }) =>
    desk.sumLoads({ sinceWallMs: 0, untilWallMs: 120_000, bucketMs: 60_000, slo });
  const green = { model: 'm', endpointId: 'green', vendor: 'nvidia', chip: 'H100 SXM', evidence: 'declared' };
  const all = await loads({});
  expect(all).toEqual([
    { ...green, atWallMs: 0, requests: 4, tokens: 84, usd: 2, unpriced: 0, attempts: 4, good: 3 },
    { ...green, atWallMs: 0, endpointId: 'red', vendor: 'amd', chip: 'MI300X', requests: 0, tokens: 0, usd: 0, unpriced: 0, attempts: 0, good: 0 },
    { ...green, atWallMs: 60_000, requests: 1, tokens: 21, usd: 0, unpriced: 1, attempts: 1, good: 1 },
  ]);
  expect((await loads({ ttftMs: 500 })).map(({ good }) => good)).toEqual([1, 0, 1]);
  expect((await loads({ tpotMs: 200 })).map(({ good }) => good)).toEqual([2, 0, 0]);
});
