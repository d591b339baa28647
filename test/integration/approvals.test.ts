import { afterEach, expect, test } from 'vitest';
import { jsonResponse, startScriptedUpstream, streamHead, type Script, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { countedTokens, startCountingEngine } from '../support/counting-engine.ts';
import { numberedText } from '../support/numbered-answer.ts';
import { postRaw, viewStream, type RawAnswer } from '../support/read-answer.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';
import type { Team } from '../../src/access/team-book.ts';
import type { TestEndpoint } from '../support/test-fleet.ts';

const running: { stop: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
});

/** One team may only be served in Europe; the other takes whoever answers. */
const european = { authorization: 'Bearer ss-european' };
const anywhere = { authorization: 'Bearer ss-anywhere' };
const teams: readonly Team[] = [
  { id: 'european', name: 'european', approvals: { regions: ['eu-*'] }, scopes: {} },
  { id: 'anywhere', name: 'anywhere', approvals: {}, scopes: {} },
];

async function started<Part extends { stop: () => Promise<void> }>(part: Promise<Part>): Promise<Part> {
  const made = await part;
  running.push(made);
  return made;
}

const engine = (...asked: Parameters<typeof startCountingEngine>): Promise<ScriptedUpstream> => started(startCountingEngine(...asked));
const scripted = (script: Script): Promise<ScriptedUpstream> => started(startScriptedUpstream(() => script));

type Place = Pick<TestEndpoint, 'region' | 'retention' | 'countsPrompts'> & { readonly at: ScriptedUpstream };

/** A gateway over endpoints in this order: the earlier one is asked first. */
function gatewayOver(places: readonly Place[], options: Parameters<typeof startTestGateway>[1] = {}): Promise<TestGateway> {
  const endpoints = places.map(({ at, ...said }, index) => ({ id: `e${index}`, origin: at.origin, tokenIds: true, ...said }));
  const teamKeys = { 'ss-european': 'european', 'ss-anywhere': 'anywhere' };
  return started(startTestGateway(endpoints, { teams, teamKeys, ...options }));
}

function ask(gate: TestGateway, headers: Record<string, string>, extra: Record<string, unknown> = {}): Promise<RawAnswer> {
  const messages = [{ role: 'user', content: 'count' }];
  return postRaw(`${gate.url}/v1/chat/completions`, JSON.stringify({ model: 'm', stream: true, temperature: 0, messages, ...extra }), headers);
}

const whole = jsonResponse(
  200,
  '{"id":"x","model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}',
);
const lost: Script = { pieces: [], end: 'rst' };

test.each([true, false])(
  'a team that is approved in Europe alone fails over there and nowhere else, through an outage and after (streamed: %s)',
  async (stream) => {
    const dead = [await scripted(lost), await scripted(lost)];
    const abroad = stream ? await engine() : await scripted({ pieces: [whole], end: 'keep' });
    const gate = await gatewayOver([
      { at: dead[0] ?? abroad, region: 'eu-west' },
      { at: abroad, region: 'us-east' },
      { at: dead[1] ?? abroad, region: 'eu-north' },
    ]);
    for (let n = 0; n < 8; n += 1) {
      const answer = await ask(gate, european, { stream });
      expect(answer.status).toBeGreaterThanOrEqual(500);
    }
    expect(abroad.seen).toHaveLength(0);
    expect(dead.map(({ seen }) => seen.length > 0)).toEqual([true, true]);
    for (let n = 0; n < 8; n += 1) expect((await ask(gate, anywhere, { stream })).status).toBe(200);
    expect(abroad.seen).toHaveLength(8);
    // With both in Europe avoided by now, nobody abroad is asked for the first try either.
    expect((await ask(gate, european, { stream })).status).toBeGreaterThanOrEqual(500);
    expect(abroad.seen).toHaveLength(8);
  },
);

test('an answer that loses its endpoint in the middle is continued by an approved endpoint alone, and ends honestly without one', async () => {
  const cut = await engine({ tokens: 4, how: 'rst' });
  const abroad = await engine();
  const gate = await gatewayOver([
    { at: cut, region: 'eu-west' },
    { at: abroad, region: 'us-east' },
  ]);
  const alone = viewStream((await ask(gate, european)).text);
  expect(alone).toMatchObject({ text: numberedText(1, 4), done: false, errorCode: 'upstream_stream_error' });
  expect(abroad.seen).toHaveLength(0);
  const free = await gatewayOver([
    { at: cut, region: 'eu-west' },
    { at: abroad, region: 'us-east' },
  ]);
  expect(viewStream((await ask(free, anywhere)).text)).toMatchObject({ text: numberedText(1, countedTokens), done: true });
  expect(abroad.seen).toHaveLength(1);
  const near = await engine();
  const both = await gatewayOver([
    { at: cut, region: 'eu-west' },
    { at: abroad, region: 'us-east' },
    { at: near, region: 'eu-north' },
  ]);
  expect(viewStream((await ask(both, european)).text)).toMatchObject({
    text: numberedText(1, countedTokens),
    done: true,
    segments: [{ endpoint: 'e0' }, { endpoint: 'e2' }],
  });
  expect(abroad.seen).toHaveLength(1);
});

test.each([true, false])('S23: a slow beginning is hedged at an approved endpoint alone (streamed: %s)', async (stream) => {
  const slow = await scripted({ pieces: stream ? [streamHead] : [], end: 'hang' });
  const abroad = stream ? await engine() : await scripted({ pieces: [whole], end: 'keep' });
  const places = [
    { at: slow, region: 'eu-west' },
    { at: abroad, region: 'us-east' },
  ];
  const gate = await gatewayOver(places, { hedgeDelayMs: 20, limits: { ttftTimeoutMs: 400, totalTimeoutMs: 1000 } });
  expect((await ask(gate, european, { stream })).status).toBe(504);
  expect(abroad.seen).toHaveLength(0);
  const free = await gatewayOver(places, { hedgeDelayMs: 20, limits: { ttftTimeoutMs: 5000 } });
  expect((await ask(free, anywhere, { stream })).status).toBe(200);
  expect(abroad.seen).toHaveLength(1);
});

test('a prompt is counted at an approved endpoint alone, or guessed', async () => {
  const counter = await scripted({ pieces: [jsonResponse(200, '{"input_tokens":77}')], end: 'keep' });
  const gate = await gatewayOver([
    { at: counter, region: 'us-east', countsPrompts: true },
    { at: counter, region: 'eu-west' },
  ]);
  const count = (headers: Record<string, string>): Promise<RawAnswer> =>
    postRaw(`${gate.url}/v1/messages/count_tokens`, JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'count' }] }), headers);
  expect((await count(european)).headers['x-second-source-token-count']).toBe('estimated');
  expect(counter.seen).toHaveLength(0);
  expect((await count(anywhere)).headers['x-second-source-token-count']).toBe('counted');
});

test('where nobody is approved, the error says which rule excluded whom, and the list of models leaves the model out', async () => {
  const places = [await engine(), await engine()].map((at, index) => (index === 0 ? { at, region: 'us-east' } : { at }));
  const gate = await gatewayOver(places);
  const answer = await ask(gate, european);
  expect(answer.status).toBe(403);
  expect(JSON.parse(answer.text).error).toMatchObject({ code: 'not_approved', type: 'permission_error', param: 'model' });
  expect(JSON.parse(answer.text).error.message).toContain('`e0` (region `us-east`), `e1` (declares no region)');
  const quiet = await gatewayOver(places, { provenance: 'none' });
  const told: string = JSON.parse((await ask(quiet, european)).text).error.message;
  expect(told).toContain('not approved: their region.');
  expect(told).not.toMatch(/e0|us-east/);
  const models = async (headers: Record<string, string>): Promise<unknown> =>
    JSON.parse(await (await fetch(`${gate.url}/v1/models`, { headers })).text()).data.map(({ id }: { id: string }) => id);
  expect(await models(european)).toEqual([]);
  expect(await models(anywhere)).toEqual(['m']);
  expect((await fetch(`${gate.url}/v1/models/m`, { headers: european })).status).toBe(404);
  expect(places.map(({ at }) => at.seen.length)).toEqual([0, 0]);
});

test.each([
  ['retention', { retention: ['none'] }, { retention: 'none' }, { retention: 'days' }],
  ['processor', { processors: ['e0'] }, {}, {}],
] as const)('%s is a rule of its own', async (_name, approvals, first, second) => {
  const [one, other] = [await engine(), await engine()];
  const strict = [{ id: 'european', name: '', approvals, scopes: {} }];
  const gate = await gatewayOver(
    [
      { at: one, ...first },
      { at: other, ...second },
    ],
    { teams: [...strict, ...teams.slice(1)] },
  );
  for (let n = 0; n < 4; n += 1) expect((await ask(gate, european)).status).toBe(200);
  expect([one.seen.length, other.seen.length]).toEqual([4, 0]);
});

test('a key’s scope restricts models, vendors and APIs', async () => {
  const [one, other] = [await engine(), await engine()];
  const scopes = { models: ['m', 'other-*'], vendors: ['e1-vendor'], apis: ['chat'] } as const;
  const gate = await gatewayOver([{ at: one }, { at: other }], { teams: [{ id: 'european', name: '', approvals: {}, scopes }, ...teams.slice(1)] });
  for (let n = 0; n < 4; n += 1) expect((await ask(gate, european)).status).toBe(200);
  expect([one.seen.length, other.seen.length]).toEqual([0, 4]);
  const refused = await ask(gate, european, { model: 'secret' });
  expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([403, 'out_of_scope']);
  expect((await ask(gate, european, { model: 'other-x' })).status).toBe(404);
  const api = await postRaw(`${gate.url}/v1/embeddings`, JSON.stringify({ model: 'm', input: 'x' }), european);
  expect([api.status, JSON.parse(api.text).error.code]).toEqual([403, 'out_of_scope']);
  const anthropic = await postRaw(`${gate.url}/v1/messages/count_tokens`, JSON.stringify({ model: 'm', messages: [] }), european);
  expect([anthropic.status, JSON.parse(anthropic.text)]).toMatchObject([403, { type: 'error', error: { type: 'permission_error' } }]);
});
