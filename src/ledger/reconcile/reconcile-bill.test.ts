import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, afterEach, expect, it } from 'vitest';
import { systemClock } from '../../std/clock.ts';
import { exportUsage } from '../export/export-usage.ts';
import { LedgerDesk } from '../ledger-desk.ts';
import { sampleAttempt, sampleClose } from '../ledger-samples.ts';
import { openSqliteLedger } from '../open-sqlite-ledger.ts';
import type { SqliteLedger } from '../sqlite-ledger.ts';
import { readBillFormat } from './bill-format.ts';
import type { BillFormat } from './bill-format.ts';
import { reconcileBill } from './reconcile-bill.ts';
import type { ReconcileOptions, ReconcileReport } from './reconcile-bill.ts';
import { anthropicBill, openaiBill, requestLog } from './reconcile-samples.ts';

const root = await mkdtemp(join(tmpdir(), 'ledger-reconcile-'));
afterAll(() => rm(root, { recursive: true }));

let directory: string;
let ledger: SqliteLedger;
const open = async (): Promise<void> => {
  ledger = await openSqliteLedger({ directory, fsync: 'never', memory: 'off', clock: systemClock });
};
beforeEach(async () => {
  directory = await mkdtemp(join(root, 'case-'));
  await open();
});
afterEach(() => ledger.close());

const dayMs = Date.UTC(2025, 10, 25);
const usage = { inputTokens: 100, cachedInputTokens: 10, outputTokens: 50, source: 'upstream' } as const;

interface Asked {
  readonly model?: string;
  readonly endpointId?: string;
  readonly vendor?: string;
  readonly openedAtWallMs?: number;
}

async function record(id: string, asked: Asked = {}): Promise<void> {
  await ledger.openAttempt(sampleAttempt(id, { model: 'gpt-small', endpointId: 'openai', openedAtWallMs: dayMs + 1000, ...asked }));
  ledger.closeAttempt(sampleClose(id, { usage }));
}

function formatOf(name: string, columns: readonly string[] = []): BillFormat {
  const format = readBillFormat(name, columns);
  if (!format.ok) throw new Error(format.failure);
  return format.value;
}

const reconcile = (bill: string | Buffer, format: BillFormat, options: Partial<ReconcileOptions> = {}): Promise<ReconcileReport> => {
  async function* file(): AsyncGenerator<Uint8Array> {
    const bytes = Buffer.from(bill);
    for (let start = 0; start < bytes.length; start += 100) yield bytes.subarray(start, start + 100);
  }
  const desk = new LedgerDesk((task) => ledger.ask(task));
  const usual = {
    vendor: undefined,
    endpointId: undefined,
    models: new Map<string, string>(),
    tolerance: { share: 0, usd: 0.01 },
    how: 'look',
  } as const;
  return reconcileBill(desk, file(), { format, ...usual, ...options });
};

it('OpenAI’s usage matches where every attempt is on it, whatever the vendor’s keys and the date of the model', async () => {
  for (const id of ['a', 'b', 'c']) await record(id);
  await record('d', { model: 'gpt-large', openedAtWallMs: dayMs + 86_400_000 });
  await record('elsewhere', { endpointId: 'west' });
  const report = await reconcile(openaiBill, formatOf('openai'), { endpointId: 'openai' });
  expect(report).toMatchObject({ lines: 3, days: { first: '2025-11-25', last: '2025-11-26' }, requests: undefined, matches: true });
  expect(report.sums.map(({ day, model, verdict }) => [day, model, verdict])).toEqual([
    ['2025-11-25', 'gpt-small', 'matched'],
    ['2025-11-26', 'gpt-large', 'matched'],
  ]);
});

it('what only one side knows and what differs is told with both figures', async () => {
  for (const id of ['a', 'b']) await record(id);
  await record('x', { model: 'gpt-mini' });
  const report = await reconcile(openaiBill, formatOf('openai'));
  expect(report.matches).toBe(false);
  expect(report.sums).toMatchObject([
    { model: 'gpt-mini', verdict: 'only the ledger', vendor: undefined, ledger: { outputTokens: 50 } },
    { model: 'gpt-small', verdict: 'differs', vendor: { inputTokens: 300 }, ledger: { inputTokens: 200 } },
    { model: 'gpt-large', verdict: 'only the vendor', vendor: { outputTokens: 50 }, ledger: undefined },
  ]);
  const tolerant = await reconcile(openaiBill, formatOf('openai'), {
    tolerance: { share: 0.34, usd: 0 },
    models: new Map([['gpt-large', 'gpt-mini']]),
  });
  expect(tolerant.sums.map(({ model, verdict }) => [model, verdict])).toEqual([
    ['gpt-mini', 'only the ledger'],
    ['gpt-small', 'matched'],
    ['gpt-mini', 'only the vendor'],
  ]);
});

it('Anthropic’s input is what was read from caches, written to them, and the rest', async () => {
  await record('a', { model: 'claude-small', vendor: 'aws' });
  expect(await reconcile(anthropicBill, formatOf('anthropic'), { vendor: 'aws' })).toMatchObject({
    matches: true,
    sums: [{ model: 'claude-small', vendor: { inputTokens: 100, cachedInputTokens: 10, outputTokens: 50 } }],
  });
});

const logFormat = formatOf('generic', [
  'time=finished',
  'model=served_model',
  'request=id',
  'input=prompt',
  'cached=prompt_cached',
  'output=completion',
  'usd=price',
]);

it('a bill that names requests settles those whose end nobody saw, and only where it is asked to', async () => {
  await ledger.openAttempt(sampleAttempt('lost', { model: 'gpt-small', openedAtWallMs: dayMs }));
  await ledger.close();
  await open();
  await record('known');
  await record('differs');
  const looked = await reconcile(requestLog, logFormat);
  expect(looked.requests).toMatchObject({ matched: 1, settled: 1, differing: 1, missing: 1, running: 0 });
  expect(looked.requests?.odd).toMatchObject([
    { requestId: 'differs', state: 'S', vendor: { outputTokens: 5000 }, ledger: { outputTokens: 50 } },
    { requestId: 'stranger', state: undefined, ledger: undefined },
  ]);
  expect(looked.sums).toMatchObject([{ unsettled: 1, ledger: { outputTokens: 100 } }]);
  expect((await reconcile(requestLog, logFormat, { how: 'settle' })).sums).toMatchObject([{ unsettled: 0, ledger: { outputTokens: 140 } }]);
  expect((await reconcile(requestLog, logFormat)).requests).toMatchObject({ matched: 2, settled: 0 });
});

it('a backup’s attempts as another gateway exports them match our own', async () => {
  for (let index = 0; index < 2500; index += 1) await record(`r${index}`);
  const desk = new LedgerDesk((task) => ledger.ask(task));
  const parts: Uint8Array[] = [];
  const request = { format: 'csv', what: { kind: 'rows', rows: 'attempts' }, sinceWallMs: 0, untilWallMs: Date.UTC(2030, 0) } as const;
  for await (const part of exportUsage(desk, request)) parts.push(part);
  const report = await reconcile(Buffer.concat(parts), formatOf('second-source'));
  expect(report).toMatchObject({ lines: 2500, matches: true, requests: { matched: 2500, differing: 0, missing: 0 } });
});

it.each([
  ['', 'line 1: the file is empty.'],
  ['time,model\n', 'line 1: there is no column `start_time`. The file has time, model: name the right ones, as in input=NAME.'],
  [openaiBill.replace('1764115200,1764201600', 'soon,1764201600'), 'line 4: `soon` is no day'],
  [openaiBill.replace(',200,100,20', ',200,lots,20'), 'line 2: `lots` is no amount of output tokens.'],
  [openaiBill.replace(',200,100,20', ',-200,100,20'), 'line 2: `-200` is no amount of input tokens.'],
])('a file that cannot be read is told by its line (%#)', async (bill, problem) => {
  await expect(reconcile(bill, formatOf('openai'))).rejects.toThrow(problem);
});

it.each([
  [['opnai', []], 'Did you mean `openai`?'],
  [['generic', []], 'Say which columns'],
  [['openai', ['tokens=x']], 'Give PART=NAME'],
  [['openai', ['input=']], 'names no column'],
] as const)('a format that is none is told what it should be (%#)', ([name, columns], problem) => {
  expect(readBillFormat(name, columns)).toEqual({ ok: false, failure: expect.stringContaining(problem) });
});
