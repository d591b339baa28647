import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { allRequestCases } from './all-request-cases.ts';
import { startScriptedUpstream, type ScriptedUpstream } from '../support/scripted-upstream.ts';
import { startTestGateway, type TestGateway } from '../support/test-gateway.ts';
import { statusesOf } from './read-requests.ts';

/** The same, through the whole gateway over real sockets: who must be refused gets one error, a close, and no endpoint. */
let upstream: ScriptedUpstream;
let gate: TestGateway;

beforeAll(async () => {
  upstream = await startScriptedUpstream(() => ({ pieces: ['HTTP/1.1 500 X\r\ncontent-length: 0\r\n\r\n'], end: 'keep' }));
  gate = await startTestGateway([{ id: 'one', origin: upstream.origin }], { requestBodyBytes: 10_000 });
});

afterAll(async () => {
  await gate.stop();
  await upstream.stop();
});

const probe = 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';

const refusals = allRequestCases.flatMap(({ name, bytes, verdicts, judge }) => {
  const [verdict] = verdicts;
  if (verdict?.kind !== 'refused' || verdicts.length > 1 || verdict.after.length > 0) return [];
  return [{ name, bytes: judge === 'gateway' ? bytes : toGateway(bytes), statuses: verdict.statuses }];
});

/** To a route that reads its body, and to the gateway's own name. */
function toGateway(bytes: string): string {
  return bytes.replaceAll('Host: a\r\n', 'Host: 127.0.0.1\r\n').replace(/^POST \/\w+ /, 'POST /v1/chat/completions ');
}

test.each(refusals)('S15: $name: one error and a close', async ({ bytes, statuses }) => {
  const answered = await exchange(bytes + probe);
  const found = statusesOf(answered);
  expect(found, answered).toHaveLength(1);
  expect(statuses).toContain(found[0]);
  expect(JSON.parse(answered.slice(answered.indexOf('{'))).error.code).toMatch(/^(bad_http|request_too_large|not_found|method_not_allowed)$/);
  expect(upstream.seen).toHaveLength(0);
});

const hidden = 'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
const inLength = `Content-Length: ${hidden.length}\r\n\r\n${hidden}`;
const inChunks = `Transfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;

test.each([
  ['a route that is none', 'POST /nothing', 404],
  ['a method that is wrong', 'POST /v1/models', 405],
  ['a route that reads no body', 'GET /health', 200],
  ['HEAD', 'HEAD /health', undefined],
  ['another method', 'DELETE /v1/chat/completions', 405],
])('S15, S18: a request in a body that nobody reads is never served: %s', async (_name, line, status) => {
  for (const framing of [inLength, inChunks]) {
    const answered = await exchange(`${line} HTTP/1.1\r\nHost: 127.0.0.1\r\n${framing}${probe}`);
    const found = statusesOf(answered);
    expect(found, answered).toHaveLength(1);
    if (status !== undefined) expect(found).toEqual([status]);
    expect(answered.toLowerCase()).toContain('connection: close');
  }
});

function exchange(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answered = '';
    const socket = connect(Number(new URL(gate.url).port), '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
    socket.on('data', (part: Buffer) => (answered += part.toString('latin1')));
    socket.on('end', () => {
      socket.destroy();
      resolve(answered);
    });
    socket.on('error', reject);
  });
}
