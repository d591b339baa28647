import OpenAI from 'openai';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chatChunks } from '../support/numbered-answer.ts';
import { chunk, event, lastChunk, startScriptedUpstream, streamHead, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { postRaw } from '../support/read-answer.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';

const plain = chatChunks(false);
let upstream: ScriptedUpstream;
let gate: TestGateway;

beforeAll(async () => {
  upstream = await startScriptedUpstream(() => ({
    pieces: [streamHead, chunk(plain.role + plain.content(1) + plain.finish + event('[DONE]')), lastChunk],
    end: 'keep',
  }));
  gate = await startTestGateway([{ id: 'one', origin: upstream.origin }], { requestBodyBytes: 10_000 });
});

afterAll(async () => {
  await gate.stop();
  await upstream.stop();
});

const valid = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };

function nestedSchema(depth: number): string {
  return `${'{"type":"object","properties":{"a":'.repeat(depth)}{}${'}}'.repeat(depth)}`;
}

const deep = `${'['.repeat(100)}${']'.repeat(100)}`;

/** Each bad request with the status, the code and the parameter that a client is told. */
const badRequests: readonly [string, string | Uint8Array, number, string, string | null][] = [
  ['not JSON', '{"model": "m",', 400, 'invalid_json', null],
  ['JSON that is no object', '[1,2]', 400, 'invalid_json', null],
  [
    'broken UTF-8',
    Buffer.concat([Buffer.from('{"model":"m","messages":[{"role":"user","content":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}]}')]),
    400,
    'invalid_json',
    null,
  ],
  ['a key given twice', '{"model":"m","model":"n","messages":[{"role":"user","content":"hi"}]}', 400, 'invalid_json', null],
  ['nesting beyond the limit', `{"model":"m","messages":[{"role":"user","content":"hi"}],"metadata":${deep}}`, 400, 'invalid_json', null],
  ['an unknown model', JSON.stringify({ ...valid, model: 'gpt-9' }), 404, 'model_not_found', 'model'],
  ['no model', JSON.stringify({ messages: valid.messages }), 400, 'invalid_request', 'model'],
  ['no messages', JSON.stringify({ model: 'm' }), 400, 'invalid_request', 'messages'],
  ['a negative max_tokens', JSON.stringify({ ...valid, max_tokens: -1 }), 400, 'invalid_request', 'max_tokens'],
  ['a temperature of the wrong type', JSON.stringify({ ...valid, temperature: 'hot' }), 400, 'invalid_request', 'temperature'],
  [
    'a message with an unknown role',
    JSON.stringify({ model: 'm', messages: [{ role: 'oracle', content: 'hi' }] }),
    400,
    'invalid_request',
    'messages[0].role',
  ],
  ['a body over the limit', JSON.stringify({ ...valid, user: 'x'.repeat(20_000) }), 413, 'request_too_large', null],
  ['a field that nobody declares', JSON.stringify({ ...valid, frobnicate: 1 }), 400, 'unknown_parameter', 'frobnicate'],
  ['a field that could turn the gateway', JSON.stringify({ ...valid, api_base: 'http://127.0.0.1:1' }), 400, 'unsupported_parameter', 'api_base'],
  ['a billion choices', JSON.stringify({ ...valid, n: 1e9 }), 400, 'invalid_request', 'n'],
  [
    'a number beyond all bounds',
    `{"model":"m","messages":[{"role":"user","content":"hi"}],"max_tokens":1e400}`,
    400,
    'invalid_request',
    'max_tokens',
  ],
  ['arrays in arrays without end', `{"model":"m","messages":${'['.repeat(4900)}`, 400, 'invalid_json', null],
  [
    'a JSON schema deeper than allowed',
    JSON.stringify({ ...valid, response_format: { type: 'json_schema', json_schema: { name: 's', schema: JSON.parse(nestedSchema(60)) } } }),
    400,
    'invalid_json',
    null,
  ],
  ['more choices than allowed', JSON.stringify({ ...valid, n: 1000 }), 400, 'invalid_request', 'n'],
];

test.each(badRequests)('S8, S15, S16: %s gets one clear error and reaches no endpoint', async (_name, body, status, code, param) => {
  const before = upstream.seen.length;
  const answer = await postRaw(`${gate.url}/v1/chat/completions`, body);
  expect(answer.status).toBe(status);
  const { error } = JSON.parse(answer.text);
  expect(error).toMatchObject({ code, param });
  expect(error.message.length).toBeGreaterThan(30);
  expect(answer.headers['x-should-retry']).toBe('false');
  expect(upstream.seen).toHaveLength(before);
});

test('the OpenAI SDK throws its typed errors for them and does not retry', async () => {
  const client = new OpenAI({ baseURL: `${gate.url}/v1`, apiKey: 'unused' });
  const asked = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] };
  await expect(client.chat.completions.create({ ...asked, model: 'gpt-9' })).rejects.toThrow(OpenAI.NotFoundError);
  await expect(client.chat.completions.create({ ...asked, max_tokens: -1 })).rejects.toThrow(OpenAI.BadRequestError);
  await expect(client.chat.completions.create({ ...asked, max_tokens: -1 })).rejects.toMatchObject({
    code: 'invalid_request',
    param: 'max_tokens',
    type: 'invalid_request_error',
  });
  await expect(client.chat.completions.create({ ...asked, user: 'x'.repeat(20_000) })).rejects.toMatchObject({
    status: 413,
    code: 'request_too_large',
  });
});

test('unknown routes and methods are told, with the method that would do', async () => {
  expect((await fetch(`${gate.url}/v1/nothing`)).status).toBe(404);
  const wrong = await fetch(`${gate.url}/v1/chat/completions`);
  expect(wrong.status).toBe(405);
  expect(wrong.headers.get('allow')).toBe('POST');
});

test.each([
  ['two Host headers', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil\r\n\r\n', 400],
  ['two Authorization headers', 'GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n', 400],
  ['a target in absolute form', 'GET http://evil/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', 400],
  ['HTTP/1.0 with a transfer encoding', 'POST /v1/completions HTTP/1.0\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ['a malformed Host', 'GET /health HTTP/1.1\r\nHost: x/#@y\r\n\r\n', 400],
  ['a fragment in the Host', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1#evil\r\n\r\n', 400],
  ['two names in one Host', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1, evil\r\n\r\n', 400],
  ['somebody else’s name before the Host', 'GET /health HTTP/1.1\r\nHost: evil@127.0.0.1\r\n\r\n', 400],
  ['two Host headers that say the same', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nhOST: 127.0.0.1\r\n\r\n', 400],
  ['no Host at all', 'GET /health HTTP/1.1\r\n\r\n', 400],
  ['a target without a slash', 'GET health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n', 400],
  ['a line that ends in LF alone inside the head', 'GET /health HTTP/1.1\nHost: 127.0.0.1\n\n', 400],
  ['a space before the colon', 'GET /health HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n', 400],
  ['a folded header', 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\r\n b\r\n\r\n', 400],
  ['two lengths', 'POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd', 400],
  ['the name of another site (DNS rebinding)', 'GET /v1/models HTTP/1.1\r\nHost: evil.example\r\n\r\n', 403],
  ['a page of another site', 'GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://evil.example\r\n\r\n', 403],
  ['a request line that is none', 'NONSENSE\r\n\r\n', 400],
  [
    'a length and a transfer encoding',
    'POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
])('S15: %s is refused with an error body', async (_name, raw, status) => {
  const text = await sendRaw(raw);
  expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(JSON.parse(text.slice(text.indexOf('{'))).error.code).toBe(status === 400 ? 'bad_http' : 'forbidden_origin');
});

test('no tunnel is opened', async () => {
  expect(await sendRaw('CONNECT evil:443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
});

test('every route but the open ones asks for the key, and the control API is not on this listener', async () => {
  expect((await fetch(`${gate.url}/control/v1/status`, { headers: { 'x-second-source-control': '1' } })).status).toBe(404);
  const keyed = await startTestGateway([{ id: 'one', origin: upstream.origin }], { keys: ['correct-key'] });
  const status = async (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<number> =>
    (await fetch(`${keyed.url}${path}`, { headers, method })).status;
  for (const key of [undefined, 'Bearer wrong', 'Bearer correct-ke', 'Basic correct-key']) {
    const headers: Record<string, string> = key === undefined ? {} : { authorization: key };
    expect(await status('/v1/models', headers)).toBe(401);
    expect(await status('/v1/chat/completions', headers, 'POST')).toBe(401);
  }
  expect(await status('/v1/models', { authorization: 'Bearer correct-key' })).toBe(200);
  expect(await status('/health')).toBe(200);
  await keyed.stop();
});

function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(gate.url).port), '127.0.0.1', () => socket.write(text));
    let received = '';
    socket.on('data', (part: Buffer) => {
      received += part.toString('utf8');
      if (/\r\n\r\n\{.*\}$/s.test(received)) socket.end();
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
}
