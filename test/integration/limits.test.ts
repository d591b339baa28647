import { afterEach, expect, test } from 'vitest';
import { burstAgent, send, type BurstAnswer } from '../support/burst.ts';
import { PriceBook } from '../../src/budget/price-book.ts';
import { sampleLimits } from '../../src/budget/testing/sample-rules.ts';
import { startMeteredUpstream, type MeteredPlan, type MeteredUpstream } from '../support/metered-upstream.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';
import type { Limits } from '../../src/budget/limits.ts';

type GatewayOptions = NonNullable<Parameters<typeof startTestGateway>[1]>;

const running: { stop: () => Promise<void> | void }[] = [];
const price = { inputUsdPerMtok: 1000, cachedInputUsdPerMtok: 1000, outputUsdPerMtok: 1000 };
const usual: MeteredPlan = { inputTokens: 10, outputTokens: 5, delayMs: 0, end: 'whole' };
const agent = burstAgent(50);

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
});

interface World {
  readonly gate: TestGateway;
  readonly upstreams: readonly MeteredUpstream[];
  readonly ask: (more?: Asked) => Promise<BurstAnswer>;
}

interface Asked {
  readonly plan?: Partial<MeteredPlan>;
  readonly body?: Readonly<Record<string, unknown>>;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly leaveAfterMs?: number;
}

async function worldOf(
  limits: Partial<Limits>,
  options: GatewayOptions = {},
  prices: readonly (typeof price | undefined)[] = [price],
): Promise<World> {
  const upstreams = await Promise.all(prices.map(() => startMeteredUpstream()));
  const gate = await startTestGateway(
    upstreams.map(({ origin }, index) => ({ id: `e${index}`, origin, price: prices[index] })),
    { budgets: { whole: sampleLimits(limits) }, prices: new PriceBook([], undefined), ...options },
  );
  running.push(...upstreams, gate);
  const ask = async ({ plan, body, path = '/v1/chat/completions', headers, leaveAfterMs }: Asked = {}): Promise<BurstAnswer> => {
    const content = JSON.stringify({ ...usual, ...plan });
    const text = JSON.stringify({ model: 'm', max_tokens: 20, messages: [{ role: 'user', content }], ...body });
    const answer = await send(`${gate.url}${path}`, text, agent, leaveAfterMs, headers);
    return answer ?? { status: 0, headers: {}, body: '' };
  };
  return { gate, upstreams, ask };
}

function codeOf({ body }: BurstAnswer): unknown {
  return JSON.parse(body).error.code;
}

const rateHeaders = ({ headers }: BurstAnswer): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.includes('ratelimit')));

test('a key with limits a minute is told how they stand in every answer, whole, streamed or refused, and one without is not', async () => {
  const { ask } = await worldOf({ requestsPerMinute: 3, tokensPerMinute: 10_000 });
  const whole = await ask();
  expect([whole.status, rateHeaders(whole)]).toEqual([
    200,
    {
      'x-ratelimit-limit-requests': '3',
      'x-ratelimit-remaining-requests': '2',
      'x-ratelimit-reset-requests': expect.stringMatching(/^1m0(\.\d+)?s$/),
      'x-ratelimit-limit-tokens': '10000',
      'x-ratelimit-remaining-tokens': expect.stringMatching(/^99\d\d$/),
      'x-ratelimit-reset-tokens': expect.stringMatching(/^1m0(\.\d+)?s$/),
    },
  ]);
  const streamed = await ask({ body: { stream: true } });
  expect([streamed.headers['content-type'], streamed.headers['x-ratelimit-remaining-requests']]).toEqual(['text/event-stream; charset=utf-8', '1']);
  const failed = await ask({ body: { model: 'other' } });
  expect([failed.status, failed.headers['x-ratelimit-remaining-requests']]).toEqual([404, '0']);
  const refused = await ask();
  expect([refused.status, codeOf(refused), refused.headers['x-ratelimit-remaining-requests'], refused.headers['x-should-retry']]).toEqual([
    429,
    'rate_limit_exceeded',
    '0',
    'true',
  ]);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(50);
  const unlimited = await worldOf({});
  expect(rateHeaders(await unlimited.ask())).toEqual({});
});

test('a budget that is spent is `insufficient_quota` and not worth a retry; one that is only reserved is', async () => {
  const { ask, gate } = await worldOf({ usdPerDay: 0.2 });
  const [first, second] = await Promise.all([ask({ plan: { delayMs: 50 } }), ask({ plan: { delayMs: 50 } })]);
  const [served, refused] = first.status === 200 ? [first, second] : [second, first];
  expect([served.status, refused.status, codeOf(refused), refused.headers['x-should-retry'], refused.headers['retry-after']]).toEqual([
    200,
    429,
    'budget_reserved',
    'true',
    '2',
  ]);
  for (let sent = 0; sent < 20; sent += 1) await ask();
  const spent = await ask();
  const { error } = JSON.parse(spent.body);
  expect([spent.status, error.code, error.type, error.param, spent.headers['x-should-retry'], spent.headers['retry-after']]).toEqual([
    429,
    'insufficient_quota',
    'insufficient_quota',
    null,
    'false',
    undefined,
  ]);
  // The figures of all together are nobody's business who has one key of many.
  expect(error.message).toMatch(/^What is left of this gateway’s budget of US dollars for this day does not cover .* A new day begins at \d{4}-/);
  expect(error.message).not.toContain('0.2');
  const [standing] = gate.standing();
  expect(standing?.spent).toBeLessThanOrEqual(0.2);
  expect(standing?.reserved).toBe(0);
});

test('Anthropic’s clients are told the same in their own words', async () => {
  const { ask } = await worldOf({ requestsPerMinute: 1 });
  const message = { path: '/v1/messages', headers: { 'anthropic-version': '2023-06-01' } };
  const served = await ask(message);
  expect(rateHeaders(served)).toEqual({
    'anthropic-ratelimit-requests-limit': '1',
    'anthropic-ratelimit-requests-remaining': '0',
    'anthropic-ratelimit-requests-reset': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  const refused = await ask(message);
  expect(JSON.parse(refused.body)).toMatchObject({
    type: 'error',
    error: { type: 'rate_limit_error', details: { error_code: 'rate_limit_exceeded' } },
  });
  expect([refused.status, Number(refused.headers['retry-after']) > 50]).toEqual([429, true]);
});

test('so many at once, and the next when one has ended', async () => {
  const { ask } = await worldOf({ concurrentRequests: 1 });
  const [first, second] = await Promise.all([ask({ plan: { delayMs: 100 } }), ask({ plan: { delayMs: 100 } })]);
  const refused = first.status === 429 ? first : second;
  expect([first.status + second.status, codeOf(refused)]).toEqual([200 + 429, 'concurrency_limit_exceeded']);
  expect((await ask()).status).toBe(200);
});

test('an unknown price is refused to whoever has a budget of money, unless a cap says what to take it for', async () => {
  const refusing = await worldOf({ usdPerDay: 1 }, {}, [price, undefined]);
  const refused = await refusing.ask();
  expect([refused.status, codeOf(refused), refusing.upstreams.map(({ maxTokens }) => maxTokens.length)]).toEqual([503, 'price_unknown', [0, 0]]);
  // An endpoint that the request rules out need not be known.
  expect((await refusing.ask({ body: { provider: { only: ['e0'] } } })).status).toBe(200);
  const capped = await worldOf({ usdPerDay: 1 }, { prices: new PriceBook([], price) }, [undefined]);
  expect((await capped.ask()).status).toBe(200);
  expect(capped.gate.charges).toMatchObject([{ chargeUsd: 0.015 }]);
  // Whoever has no such budget is served, and what it cost stays unknown.
  const tokensOnly = await worldOf({ tokensPerDay: 1000 }, { prices: new PriceBook([], price) }, [undefined]);
  expect((await tokensOnly.ask()).status).toBe(200);
  expect(tokensOnly.gate.charges.map(({ chargeUsd }) => chargeUsd)).toEqual([undefined]);
});

test('without a record in the ledger nothing is dispatched, and what was reserved is given back (fault 90)', async () => {
  const { ask, gate, upstreams } = await worldOf({ usdPerDay: 1, concurrentRequests: 1 }, { ledgerFails: true });
  for (const stream of [false, true]) {
    const refused = await ask({ body: { stream } });
    expect([refused.status, codeOf(refused)]).toEqual([503, 'ledger_unavailable']);
  }
  expect([upstreams[0]?.maxTokens, gate.standing()[0]?.reserved]).toEqual([[], 0]);
});

test('an answer that nobody bounded is bounded where a budget applies, and only there', async () => {
  const open = { body: { max_tokens: undefined, max_completion_tokens: null } };
  const budgeted = await worldOf({ usdPerDay: 100 });
  expect([(await budgeted.ask(open)).status, (await budgeted.ask()).status]).toEqual([200, 200]);
  expect(budgeted.upstreams[0]?.maxTokens).toEqual([8192, 20]);
  const limited = await worldOf({ requestsPerMinute: 9 });
  await limited.ask(open);
  expect(limited.upstreams[0]?.maxTokens).toEqual([undefined]);
});

test('an endpoint that bills more than was asked for is the operator’s cost: the charge keeps to what was reserved', async () => {
  const { ask, gate } = await worldOf({ usdPerDay: 1, tokensPerDay: 10_000 });
  const answer = await ask({ plan: { inputTokens: 5000, outputTokens: 21 } });
  expect(answer.status).toBe(200);
  const [charge] = gate.charges;
  const bytes = Buffer.byteLength(
    JSON.stringify({
      model: 'm',
      max_tokens: 20,
      messages: [{ role: 'user', content: JSON.stringify({ ...usual, inputTokens: 5000, outputTokens: 21 }) }],
    }),
  );
  expect((charge?.usage.inputTokens ?? 0) + (charge?.usage.outputTokens ?? 0)).toBe(bytes + 20);
  expect(charge?.chargeUsd).toBeCloseTo((bytes + 20) / 1000, 9);
  expect(gate.closed).toMatchObject([{ costUsd: 5.021, usage: { inputTokens: 5000, outputTokens: 21 } }]);
  expect(gate.standing().map(({ of, spent }) => [of, spent])).toEqual([
    ['usd', (bytes + 20) / 1000],
    ['tokens', bytes + 20],
  ]);
});

test('S26: whatever becomes of a request, nothing stays reserved, and only what was charged is spent', async () => {
  const { ask, gate } = await worldOf({ usdPerDay: 100, concurrentRequests: 20 }, { hedgeDelayMs: 10 }, [price, price, price]);
  const cases: Asked[] = [false, true].flatMap((stream) => [
    { body: { stream } },
    { body: { stream }, plan: { end: 'lost' } },
    { body: { stream }, plan: { end: 'refused' } },
    { body: { stream }, plan: { delayMs: 40 } },
    { body: { stream }, plan: { delayMs: 200 }, leaveAfterMs: 30 },
    { body: { stream, model: 'other' } },
    { body: { stream }, headers: { 'idempotency-key': `k${stream}` } },
    { body: { stream }, headers: { 'idempotency-key': `k${stream}` } },
  ]);
  await Promise.all(cases.map(ask));
  await expect.poll(() => gate.standing()[0]?.reserved).toBe(0);
  const charged = gate.charges.reduce((sum, { chargeUsd = 0 }) => sum + Math.round(chargeUsd * 1e9), 0);
  expect(Math.round((gate.standing()[0]?.spent ?? 0) * 1e9)).toBe(charged);
  // As many may run at once as before: some find no endpoint that is well, but none is held up by a limit.
  const again = await Promise.all(Array.from({ length: 20 }, () => ask({ plan: { delayMs: 30 } })));
  expect(again.map(({ status }) => status)).not.toContain(429);
});

test('an answer that is given again for an idempotency key holds and costs nothing', async () => {
  const { ask, gate } = await worldOf({ usdPerDay: 0.2, requestsPerMinute: 1 });
  const again = { headers: { 'idempotency-key': 'one' } };
  const [first, second] = [await ask(again), await ask(again)];
  expect([first.status, second.status, second.headers['idempotent-replayed'], gate.charges.length]).toEqual([200, 200, 'true', 1]);
});

test('S26: each key meets its own limits and those of its team', async () => {
  const budgets = { eachKey: sampleLimits({ requestsPerMinute: 2 }), eachTeam: sampleLimits({ requestsPerMinute: 3 }) };
  const authenticate: GatewayOptions['authenticate'] = ({ authorization }) => {
    const [tenant = '', keyId = ''] = String(authorization).replace('Bearer ', '').split('/');
    return { ok: true, value: { tenant, keyId, rules: undefined } };
  };
  const { ask } = await worldOf({}, { budgets, authenticate });
  const statuses: number[] = [];
  for (const key of ['x/a', 'x/a', 'x/a', 'x/b', 'x/b', 'y/c']) statuses.push((await ask({ headers: { authorization: `Bearer ${key}` } })).status);
  expect(statuses).toEqual([200, 200, 429, 200, 429, 200]);
});
