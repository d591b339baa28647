import { ownGateway } from '../../src/admin/internal/own-gateway.ts';
import { startTestControl } from '../support/test-control.ts';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { numberedText, promptTokenIds } from '../support/numbered-answer.ts';
import { countedTokens as total, startCountingEngine } from '../support/counting-engine.ts';
import { postRaw, viewStream } from '../support/read-answer.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';
import type { ScriptedUpstream } from '../support/scripted-upstream.ts';

const running: { stop: () => Promise<void> }[] = [];

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
});

async function countingEngine(...asked: Parameters<typeof startCountingEngine>): Promise<ScriptedUpstream> {
  const engine = await startCountingEngine(...asked);
  running.push(engine);
  return engine;
}

async function gatewayOver(engines: readonly ScriptedUpstream[], tokenIds = true): Promise<TestGateway> {
  const gate = await startTestGateway(engines.map(({ origin }, index) => ({ id: `e${index}`, origin, tokenIds })));
  running.push(gate);
  return gate;
}

function ask(extra: Record<string, unknown> = {}): string {
  return JSON.stringify({
    model: 'm',
    stream: true,
    temperature: 0,
    messages: [{ role: 'user', content: 'count' }],
    stream_options: { include_usage: true },
    ...extra,
  });
}

test.each(Array.from({ length: total - 1 }, (_, index) => index + 1))(
  'cut after token %i, the answer goes on exactly, with usage summed once and its identity kept',
  async (tokens) => {
    const engines = [await countingEngine({ tokens, how: 'rst' }), await countingEngine()];
    const gate = await gatewayOver(engines);
    const answer = await postRaw(`${gate.url}/v1/chat/completions`, ask());
    const view = viewStream(answer.text);
    expect(view).toMatchObject({ text: numberedText(1, total), done: true, finishReasons: ['stop'], errorCode: undefined });
    expect(view.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: total });
    expect(view.segments).toMatchObject([
      { endpoint: 'e0', output_tokens: tokens },
      { endpoint: 'e1', output_tokens: total - tokens, continued_by: 'exact' },
    ]);
    expect(view.segments[1]?.gap_ms).toBeTypeOf('number');
    expect(view.ids).toEqual(new Set(['chatcmpl-up']));
    expect(view.models).toEqual(new Set(['m']));
    expect(answer.text).not.toContain('token_ids');
    const sent = JSON.parse(engines[1]?.seen[0]?.body ?? '{}');
    expect(sent.prompt).toEqual([...promptTokenIds, ...Array.from({ length: tokens }, (_, index) => 1001 + index)]);
    expect(sent).not.toHaveProperty('messages');
    expect(gate.charges).toMatchObject([{ outcome: 'ok', attempts: 2, usage: { inputTokens: 3, outputTokens: total } }]);
    expect(gate.closed).toMatchObject([
      { state: 'S', usage: { inputTokens: 3, outputTokens: tokens, source: 'counted' } },
      { state: 'S', outcome: 'ok' },
    ]);
  },
);

test('a sampled answer without a seed goes on from its very ids, and is not called exact', async () => {
  const gate = await gatewayOver([await countingEngine({ tokens: 4, how: 'rst' }), await countingEngine()]);
  const view = viewStream((await postRaw(`${gate.url}/v1/chat/completions`, ask({ temperature: 0.7 }))).text);
  expect(view).toMatchObject({ text: numberedText(1, total), done: true });
  expect(view.segments.map(({ continued_by }) => continued_by)).toEqual([null, 'token-ids']);
});

test('a second loss is continued too, a third is not', async () => {
  const twice = await gatewayOver([
    await countingEngine({ tokens: 4, how: 'rst' }),
    await countingEngine({ tokens: 4, how: 'fin' }),
    await countingEngine(),
  ]);
  expect(viewStream((await postRaw(`${twice.url}/v1/chat/completions`, ask())).text)).toMatchObject({ text: numberedText(1, total), done: true });
  const thrice = await gatewayOver([
    await countingEngine({ tokens: 3, how: 'rst' }),
    await countingEngine({ tokens: 3, how: 'rst' }),
    await countingEngine({ tokens: 3, how: 'rst' }),
  ]);
  expect(viewStream((await postRaw(`${thrice.url}/v1/chat/completions`, ask())).text)).toMatchObject({
    text: numberedText(1, 9),
    done: false,
    errorCode: 'upstream_stream_error',
  });
});

test('whom an answer lost is not asked to go on while another can, however much it is preferred', async () => {
  const engines = [await countingEngine({ tokens: 4, how: 'rst' }), await countingEngine({ tokens: 4, how: 'fin' }), await countingEngine()];
  const gate = await gatewayOver(engines);
  const answer = await postRaw(`${gate.url}/v1/chat/completions`, ask({ provider: { order: ['e0', 'e1', 'e2'] } }));
  expect(viewStream(answer.text).segments.map(({ endpoint }) => endpoint)).toEqual(['e0', 'e1', 'e2']);
  expect(engines.map(({ seen }) => seen.length)).toEqual([1, 1, 1]);
});

test('max_tokens, seed and sampling go along, max_tokens less what was released', async () => {
  const engines = [await countingEngine({ tokens: 4, how: 'rst' }), await countingEngine()];
  const gate = await gatewayOver(engines);
  await postRaw(`${gate.url}/v1/chat/completions`, ask({ temperature: 0.5, top_p: 0.9, seed: 77, max_tokens: 100, stop: ['END'] }));
  expect(JSON.parse(engines[1]?.seen[0]?.body ?? '{}')).toMatchObject({
    max_tokens: 96,
    seed: 77,
    temperature: 0.5,
    top_p: 0.9,
    stop: ['END'],
    stream: true,
  });
});

test('an answer that lost its endpoint with its last allowed token ends as `length`, without another attempt', async () => {
  const engines = [await countingEngine({ tokens: 5, how: 'rst' }), await countingEngine()];
  const gate = await gatewayOver(engines);
  const answer = await postRaw(`${gate.url}/v1/chat/completions`, ask({ max_tokens: 5 }));
  expect(viewStream(answer.text)).toMatchObject({ text: numberedText(1, 5), done: true, finishReasons: ['length'], usage: { completion_tokens: 5 } });
  expect(engines[1]?.seen).toHaveLength(0);
});

test.each<[string, Record<string, unknown>, boolean]>([
  ['endpoints that speak no token ids', {}, false],
  ['tools', { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }] }, true],
  ['a JSON schema', { response_format: { type: 'json_schema', json_schema: { name: 's', schema: { type: 'object' } } } }, true],
  ['log-probabilities', { logprobs: true }, true],
])('%s is not continued but ends as an honest error', async (_name, extra, tokenIds) => {
  const engines = [await countingEngine({ tokens: 4, how: 'rst' }), await countingEngine()];
  const gate = await gatewayOver(engines, tokenIds);
  const answer = await postRaw(`${gate.url}/v1/chat/completions`, ask(extra));
  expect(viewStream(answer.text)).toMatchObject({ text: numberedText(1, 4), done: false, errorCode: 'upstream_stream_error' });
  expect(answer.ended).toBe('cut');
});

test('unplugging the answering endpoint through the control API continues the answer elsewhere', async () => {
  const engines = [await countingEngine({ tokens: 6, how: 'hang' }), await countingEngine()];
  const gate = await gatewayOver(engines);
  const control = await startTestControl(ownGateway(gate.context));
  onTestFinished(control.stop);
  let unplugged = false;
  const answer = await postRaw(`${gate.url}/v1/chat/completions`, ask(), {}, (text) => {
    if (unplugged || !text.includes('<6>')) return;
    unplugged = true;
    void control.ask('POST', '/control/v1/endpoints/e0/unplug');
  });
  expect(viewStream(answer.text)).toMatchObject({ text: numberedText(1, total), done: true });
  expect(gate.fleet.declaredState('e0')).toBe('unplugged');
});
