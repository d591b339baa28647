import { afterEach, expect, test } from 'vitest';
import { postRaw, type RawAnswer } from '../support/read-answer.ts';
import { seededRandom } from '../../src/std/random.ts';
import { startPacedUpstream, type Pace, type PacedUpstream } from '../support/paced-upstream.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';
import type { CountedRoutingOptions } from '../support/counted-routing.ts';
import type { TestEndpoint } from '../support/test-fleet.ts';

const running: { stop: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
});

type Place = Omit<TestEndpoint, 'id' | 'origin'> & { readonly pace?: Partial<Pace> };

interface World {
  readonly gate: TestGateway;
  readonly upstream: (id: string) => PacedUpstream;
}

/** Real upstreams of these paces behind a gateway that routes by prediction. */
async function worldOf(places: Readonly<Record<string, Place>>, routing: CountedRoutingOptions = {}): Promise<World> {
  const upstreams = new Map<string, PacedUpstream>();
  const endpoints: TestEndpoint[] = [];
  for (const [id, { pace, ...said }] of Object.entries(places)) {
    const upstream = await startPacedUpstream({ ttftMs: 1, tpotMs: 1, tokens: 3, ...pace });
    running.push(upstream);
    upstreams.set(id, upstream);
    endpoints.push({ id, origin: upstream.origin, ...said });
  }
  const gate = await startTestGateway(endpoints, { routing: { random: seededRandom(1), ...routing } });
  running.push(gate);
  const upstream = (id: string): PacedUpstream => {
    const found = upstreams.get(id);
    if (found === undefined) throw new Error(`there is no upstream ${id}`);
    return found;
  };
  return { gate, upstream };
}

function ask({ url }: TestGateway, more: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
  const body = { model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }], ...more };
  return postRaw(`${url}/v1/chat/completions`, JSON.stringify(body), headers);
}

/** Where an answer came from, or the error that came instead. */
function from(answer: RawAnswer): string {
  const { error }: { error?: { param: string | null; code: string } } = answer.status === 200 ? {} : JSON.parse(answer.text);
  return error === undefined ? String(answer.headers['x-second-source-endpoint']) : `${answer.status} ${error.code} ${error.param ?? ''}`.trim();
}

async function placesOf(gate: TestGateway, times: number, more: object = {}): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (let n = 0; n < times; n += 1) {
    const place = from(await ask(gate, more));
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}

const quick = {
  rules: {
    classes: new Map([['quick', { name: 'quick', ttftMs: 100, tpotMs: 10, degradeTo: new Map() }]]),
    whole: { slo: 'quick', objective: 'fastest' },
  },
} as const;

test('once it is known who is faster, the faster endpoint gets the traffic', async () => {
  const { gate } = await worldOf(
    { slow: { pace: { ttftMs: 80, tpotMs: 20, tokens: 5 } }, fast: { pace: { ttftMs: 2, tpotMs: 1, tokens: 5 } } },
    quick,
  );
  await placesOf(gate, 12);
  const counts = await placesOf(gate, 30);
  expect(counts['fast']).toBeGreaterThanOrEqual(27);
}, 60_000);

test('answers in one piece teach who is faster too', async () => {
  const { gate } = await worldOf(
    { slow: { pace: { ttftMs: 60, tpotMs: 20, tokens: 6 } }, fast: { pace: { ttftMs: 2, tpotMs: 1, tokens: 6 } } },
    quick,
  );
  await placesOf(gate, 12, { stream: false });
  expect((await placesOf(gate, 20, { stream: false }))['fast']).toBeGreaterThanOrEqual(17);
}, 60_000);

test('what comes in one piece is nobody’s first token, and what is streamed is', async () => {
  const { gate } = await worldOf({ a: {}, b: {} });
  await placesOf(gate, 4, { stream: false });
  expect([gate.routing?.ends.size, gate.routing?.firsts.size]).toEqual([4, 0]);
  await placesOf(gate, 3);
  expect([gate.routing?.ends.size, gate.routing?.firsts.size]).toEqual([7, 3]);
});

test('an endpoint that is killed under load is ejected, its load moves without an error, and it returns with a slow start', async () => {
  const { gate, upstream } = await worldOf({ a: { pace: { tokens: 5 } }, b: { pace: { tokens: 5 } } });
  const state = (): string | undefined => gate.fleet.status().find(({ id }) => id === 'a')?.state;
  await placesOf(gate, 10);
  await upstream('a').kill();
  const lost: string[] = [];
  while (state() !== 'ejected') lost.push(...(await Promise.all(Array.from({ length: 10 }, () => ask(gate)))).map(from));
  expect(new Set(lost)).toEqual(new Set(['b']));
  await upstream('a').start();
  const seenBefore = upstream('a').seen.length;
  while (state() !== 'ready') {
    expect(from(await ask(gate))).not.toContain('50');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(upstream('a').seen.length).toBeGreaterThan(seenBefore);
  expect(gate.fleet.candidates().find(({ endpoint }) => endpoint.id === 'a')?.weight).toBeLessThan(1);
  expect(gate.routing?.ends).toEqual(new Map([...(gate.routing?.ends.keys() ?? [])].map((id) => [id, 1])));
}, 60_000);

const price = { inputUsdPerMtok: 1, cachedInputUsdPerMtok: 1, outputUsdPerMtok: 2 };
const three = {
  h100: { silicon: { vendor: 'nvidia', chip: 'H100 SXM', evidence: 'declared' }, quantization: 'fp8', price: { ...price, outputUsdPerMtok: 9 } },
  mi300: { silicon: { vendor: 'amd', chip: 'MI300X', evidence: 'declared' }, quantization: 'bf16', price },
  lpu: { silicon: { vendor: 'groq', chip: 'LPU', evidence: 'inferred' } },
} satisfies Record<string, Place>;

const preferences: [name: string, provider: object, possible: readonly string[]][] = [
  ['quantizations', { quantizations: ['fp8'] }, ['h100']],
  ['an unknown quantization', { quantizations: ['unknown'] }, ['lpu']],
  ['a price of the answer at most', { max_price: { completion: 5 } }, ['mi300']],
  ['a price of the prompt that nobody has', { max_price: { prompt: 0.5 } }, ['503 upstream_unreachable']],
  ['silicon by vendor', { silicon: { only: ['amd'] } }, ['mi300']],
  ['silicon by chip, in any case', { silicon: { only: ['h100 sxm'] } }, ['h100']],
  ['silicon to leave out', { silicon: { ignore: ['nvidia', 'groq'] } }, ['mi300']],
  ['silicon in an order', { silicon: { order: ['groq', 'amd'] } }, ['lpu']],
  ['an order alone, without fallbacks', { order: ['mi300'], allow_fallbacks: false }, ['mi300']],
];

test.each(preferences)('`provider` chooses by %s', async (_name, provider, possible) => {
  const { gate, upstream } = await worldOf(three);
  const places = new Set<string>();
  for (let n = 0; n < 4; n += 1) places.add(from(await ask(gate, { provider })));
  expect([...places]).toEqual(possible);
  for (const id of Object.keys(three)) for (const body of upstream(id).seen) expect(body).not.toContain('provider');
});

test('`sort: price` goes to the cheaper, `sort: latency` to the faster', async () => {
  const { gate } = await worldOf({
    cheap: { price, pace: { ttftMs: 60, tpotMs: 5 } },
    fast: { price: { ...price, inputUsdPerMtok: 50, outputUsdPerMtok: 100 }, pace: { ttftMs: 1, tpotMs: 1 } },
  });
  for (const place of ['cheap', 'fast']) await placesOf(gate, 6, { provider: { only: [place] } });
  expect((await placesOf(gate, 12, { provider: { sort: 'price' } }))['cheap']).toBeGreaterThanOrEqual(10);
  expect((await placesOf(gate, 12, { provider: { sort: 'latency' } }))['fast']).toBeGreaterThanOrEqual(10);
}, 60_000);

test('without fallbacks a request is not sent to a second endpoint', async () => {
  const { gate, upstream } = await worldOf({ a: {}, b: {} });
  await upstream('a').kill();
  await upstream('b').kill();
  const answer = await ask(gate, { provider: { allow_fallbacks: false } });
  expect(answer.status).toBe(503);
  expect(new Set([...gate.closed].map(({ attemptId }) => attemptId)).size).toBe(1);
});

test('`require_parameters` leaves out who passes on what it does not know', async () => {
  const { gate } = await worldOf({ lax: { passUnknownFields: true }, knowing: { extensions: ['min_p'] } });
  expect(await placesOf(gate, 4, { min_p: 0.1, provider: { require_parameters: true } })).toEqual({ knowing: 4 });
});

test.each([
  ['provider.sort', { sort: 'magic' }],
  ['provider.quantizations[0]', { quantizations: ['int3'] }],
  ['provider.max_price.prompt', { max_price: { prompt: -1 } }],
  ['provider.silicon', { silicon: { vendor: 'amd' } }],
  ['provider.allow_fallbacks', { allow_fallbacks: 'no' }],
])('a wrong `%s` is a 400 that names it', async (param, provider) => {
  const { gate, upstream } = await worldOf({ a: {} });
  expect(from(await ask(gate, { provider }))).toBe(`400 invalid_request ${param}`);
  expect(upstream('a').seen).toEqual([]);
});

test('`models` are tried in turn, and answer and charge name the one that answered', async () => {
  const { gate, upstream } = await worldOf({ a: { model: 'big' }, b: { model: 'small', price } });
  await upstream('a').kill();
  for (const stream of [true, false]) {
    const answer = await ask(gate, { model: 'big', models: ['small'], stream });
    expect(answer.text).toContain('"model":"small"');
    expect(answer.text).not.toContain('"model":"big"');
    expect(gate.charges.at(-1)).toMatchObject({ model: 'small', outcome: 'ok', chargeUsd: 16e-6 });
  }
  expect(from(await ask(gate, { model: 'nobody', models: ['small'] }))).toBe('b');
  expect(from(await ask(gate, { model: undefined, models: ['small', 'big'] }))).toBe('b');
  expect(from(await ask(gate, { model: 'nobody', models: ['no-one'] }))).toBe('404 model_not_found model');
  for (const body of upstream('b').seen) expect(body).not.toContain('models');
});

const classes = new Map([
  ['interactive', { name: 'interactive', ttftMs: 500, degradeTo: new Map([['big', 'small']]) }],
  ['batch', { name: 'batch', degradeTo: new Map() }],
]);

test('a class degrades to another model where its own has nobody, and another class does not', async () => {
  const { gate, upstream } = await worldOf({ a: { model: 'big' }, b: { model: 'small' } }, { rules: { classes } });
  await upstream('a').kill();
  expect(from(await ask(gate, { model: 'big' }, { 'x-second-source-slo': 'interactive' }))).toBe('b');
  expect(from(await ask(gate, { model: 'big' }, { 'x-second-source-slo': 'batch' }))).toContain('503');
});

test('an SLO class that there is not is a 400 that names the header and the classes', async () => {
  const { gate } = await worldOf({ a: {} }, { rules: { classes } });
  const answer = await ask(gate, {}, { 'x-second-source-slo': 'quick' });
  expect(from(answer)).toBe('400 invalid_request x-second-source-slo');
  expect(answer.text).toContain('interactive, batch');
});

test('a request that asks is told the fate of every candidate in a header, and no other request is', async () => {
  const { gate, upstream } = await worldOf({ a: {}, b: {}, c: {}, dead: {} });
  await upstream('dead').kill();
  gate.fleet.declare('dead', 'down');
  expect((await ask(gate)).headers['x-second-source-explain']).toBeUndefined();
  const answer = await ask(gate, { provider: { ignore: ['c'] } }, { 'x-second-source-explain': '1' });
  const told: { candidates: { endpoint: string; verdict: string; why: string; ttft_ms?: number }[] } = JSON.parse(
    String(answer.headers['x-second-source-explain']),
  );
  expect(told.candidates.map(({ endpoint }) => endpoint).toSorted()).toEqual(['a', 'b', 'c', 'dead']);
  const verdicts = Object.fromEntries(told.candidates.map(({ endpoint, verdict, why }) => [endpoint, `${verdict}: ${why}`]));
  expect(verdicts[from(answer)]).toContain('chosen');
  expect(verdicts['c']).toBe('left-out: `provider.ignore` leaves it out');
  expect(verdicts['dead']).toBe('left-out: it is down');
  const kept = gate.context.explained.get(String(answer.headers['x-request-id']));
  expect(kept?.choices.map(({ candidates }) => candidates.length)).toEqual([4]);
});

test('every dispatch is ended once in the routing, whatever became of it', async () => {
  const { gate, upstream } = await worldOf({ a: { pace: { ttftMs: 30, tokens: 20 } }, b: { pace: { ttftMs: 30, tokens: 20 } } });
  const asked = Array.from({ length: 12 }, () => ask(gate).catch(() => undefined));
  await new Promise((resolve) => setTimeout(resolve, 40));
  await upstream('a').kill();
  await Promise.all(asked);
  const ends = [...(gate.routing?.ends.values() ?? [])];
  expect(ends.length).toBeGreaterThanOrEqual(12);
  expect(new Set(ends)).toEqual(new Set([1]));
});
