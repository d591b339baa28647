import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { data, jsonHead, properEnd, streamHead } from '../simulation/outside/wire-act.ts';
import { event } from '../simulation/outside/engine-dialect.ts';
import { simulateAnswer } from '../support/simulate-answer.ts';

/** nst/JSONTestSuite: `y_` must be accepted, `n_` must not, `i_` is for each parser to say. */
const folder = fileURLToPath(new URL('../fixtures/json-test-suite/test_parsing/', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
const bytesOf = (name: string): Buffer => readFileSync(join(folder, name));
const around = (before: string, inner: Uint8Array, after: string): Buffer => Buffer.concat([Buffer.from(before), inner, Buffer.from(after)]);

const prompt = '"messages":[{"role":"user","content":"count text for 1 to 3"}]';
const whole = '"id":"x","model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"<1.1>"},"finish_reason":"stop"}]';
const chunk = '"id":"x","choices":[{"index":0,"delta":{"content":"<1.2>"},"finish_reason":null}]';
const firstToken = data('content', event({ id: 'x', choices: [{ index: 0, delta: { content: '<1.1>' }, finish_reason: null }] }));
const lastEvents = data('done', `${event({ id: 'x', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}${event('[DONE]')}`);

test('the suite is here', () => expect(files.length).toBe(318));

test('each text as a request is answered with 400, and the gateway lives', async () => {
  for (const name of files) {
    const { view, sent } = await simulateAnswer([], { body: bytesOf(name) });
    expect(view, name).toMatchObject({ status: 400, framed: true });
    expect(sent, name).toHaveLength(0);
    if (name.startsWith('n_')) expect(view.errorCode, name).toBe('invalid_json');
  }
});

test('each text inside a request goes on byte for byte, or the request is refused and nothing is dispatched', async () => {
  let passed = 0;
  for (const name of files) {
    const inner = bytesOf(name);
    const { view, sent } = await simulateAnswer([jsonHead, data('body', `{${whole}}`), properEnd], {
      body: around(`{"model":"m",${prompt},"x_member":`, inner, '}'),
      plan: { stream: false },
    });
    if (view.status === 200) {
      passed += 1;
      expect(Buffer.from(sent[0] ?? []).includes(inner), name).toBe(true);
      expect(name).toMatch(/^[yi]_/);
    } else {
      expect(view, name).toMatchObject({ status: 400 });
      expect(sent, name).toHaveLength(0);
    }
  }
  // All that must be accepted is, but for keys that say a thing twice.
  expect(passed).toBeGreaterThanOrEqual(93);
});

test('each text as the body of a whole answer is no answer: another endpoint gives one', async () => {
  for (const name of files) {
    const { view } = await simulateAnswer([jsonHead, data('body', bytesOf(name)), properEnd], { plan: { stream: false }, healthy: true });
    expect(view, name).toMatchObject({ status: 200, segments: [{ endpoint: 'e1' }] });
  }
});

test('each text inside a whole answer passes byte for byte, or another endpoint answers', async () => {
  let passed = 0;
  for (const name of files) {
    const inner = bytesOf(name);
    const acts = [jsonHead, data('body', around('{"x_member":', inner, `,${whole}}`)), properEnd];
    const { view, record } = await simulateAnswer(acts, { plan: { stream: false }, healthy: true });
    expect(view.status, name).toBe(200);
    if (!Buffer.concat(record.parts).includes('"x_member"')) continue;
    passed += 1;
    expect(Buffer.concat(record.parts).includes(inner), name).toBe(true);
    expect(name).toMatch(/^[yi]_/);
  }
  expect(passed).toBeGreaterThanOrEqual(93);
});

/** A text in the data of one event: each of its lines is one of the event's. */
function dataLines(text: Buffer): Buffer {
  const lines: Buffer[] = [];
  let from = 0;
  for (let at = 0; at <= text.length; at += 1) {
    if (at < text.length && text[at] !== 10 && text[at] !== 13) continue;
    lines.push(Buffer.from('data: '), text.subarray(from, at), Buffer.from('\n'));
    from = at + 1;
  }
  return Buffer.concat([...lines, Buffer.from('\n')]);
}

test('each text as an event of a stream is no chunk: the answer ends honestly, and the text is not passed on', async () => {
  for (const name of files) {
    const text = bytesOf(name);
    // No data at all, or what the rules of the event stream make of an empty line, is no event.
    if (text.length === 0) continue;
    const { view, record } = await simulateAnswer([streamHead, firstToken, data('content', dataLines(text)), lastEvents, properEnd]);
    expect(view, name).toMatchObject({ status: 200, text: '<1.1>', done: false, errorCode: 'upstream_stream_error' });
    expect(record.over, name).toBe('reset');
  }
});

test('each text inside a chunk passes, or the answer ends honestly before it', async () => {
  let passed = 0;
  for (const name of files) {
    const acts = [streamHead, firstToken, data('content', dataLines(around(`{${chunk},"x_member":`, bytesOf(name), '}'))), lastEvents, properEnd];
    const { view } = await simulateAnswer(acts);
    if (view.done) {
      passed += 1;
      expect(view, name).toMatchObject({ text: '<1.1><1.2>', finishReasons: ['stop'] });
      expect(name).toMatch(/^[yi]_/);
    } else expect(view, name).toMatchObject({ text: '<1.1>', errorCode: 'upstream_stream_error' });
  }
  expect(passed).toBeGreaterThanOrEqual(93);
});
