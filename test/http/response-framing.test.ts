import { afterAll, beforeAll, expect, test } from 'vitest';
import { HttpTransport } from '../../src/upstream/http-transport.ts';
import { responseCases } from './response-cases.ts';
import { sampleEndpoint } from '../../src/fleet/testing/sample-endpoint.ts';
import { secondAnswer, startAnsweringServer } from './answering-server.ts';
import { splitBytes } from './split-bytes.ts';
import { systemClock } from '../../src/std/clock.ts';
import type { Endpoint } from '../../src/fleet/endpoint.ts';
import type { ResponseCase, ResponseVerdict } from './response-case.ts';

/**
 * What an endpoint may answer, over real sockets and split in every way: read exactly, or an error. A second request
 * follows each, and must get its own answer, over the same connection only where that is safe.
 */
let transport: HttpTransport;

beforeAll(() => {
  transport = new HttpTransport(
    { connectTimeoutMs: 5000, headerBytes: 16_384, connectionsPerEndpoint: 8, isAllowedAddress: () => true },
    systemClock,
  );
});

afterAll(() => transport.close());

test('the cases are many', () => expect(responseCases.length).toBeGreaterThan(120));

test.each(responseCases)('S14: $name: $verdicts.0.kind', async (answer) => {
  const reached = new Set<ResponseVerdict>();
  for (const [way, pieces] of splitBytes(answer.bytes, answer.bytes.length).entries()) {
    const found = await read(answer, pieces, way);
    const verdict = answer.verdicts.find((candidate) => JSON.stringify(candidate) === JSON.stringify(found));
    if (verdict === undefined) expect(found, `in ${pieces.length} pieces`).toEqual(answer.verdicts[0]);
    else reached.add(verdict);
  }
  expect(reached.size, 'read in one way however it was split').toBe(1);
});

async function read(answer: ResponseCase, pieces: readonly Buffer[], way: number): Promise<ResponseVerdict> {
  const server = await startAnsweringServer(answer, pieces);
  const endpoint = sampleEndpoint({ id: `${answer.name} ${way}`, address: { kind: 'url', origin: server.origin, basePath: '/v1' } });
  try {
    const first = await call(endpoint, answer.verdicts.some(({ kind }) => kind === 'wait') ? answer.bytes.slice(-5) : undefined);
    await server.saidAll();
    // What was said by now is read before the connection is used again.
    for (let turns = 0; turns < 4; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    if (first.kind === 'wait') return first;
    expect(await call(endpoint)).toMatchObject({ kind: 'whole', body: secondAnswer });
    return first.kind === 'whole' ? { ...first, reused: server.connections() === 1 } : first;
  } finally {
    transport.cut(endpoint.id);
    await server.stop();
  }
}

/** Sends a request; one that only waits is given up once so much of its body has come. */
function call(endpoint: Endpoint, waitsBehind?: string): Promise<ResponseVerdict> {
  return new Promise((resolve) => {
    let status = 0;
    let body = '';
    const running = transport.send(
      endpoint,
      { method: 'GET', path: '/models', body: undefined },
      {
        onHead: (found) => (status = found),
        onData: (bytes) => {
          body += Buffer.from(bytes).toString('latin1');
          if (waitsBehind === undefined || !waitsBehind.includes(body.slice(-3)) || body.length < 5) return;
          // A reader that took this for the end would have said so by now, or will within the next turns.
          setTimeout(() => {
            running.abort();
            resolve({ kind: 'wait' });
          }, 5);
        },
        onEnd: () => resolve({ kind: 'whole', status, body, reused: false }),
        onError: () => resolve({ kind: 'broken' }),
      },
    );
  });
}
