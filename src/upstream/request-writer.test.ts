import { expect, test } from 'vitest';
import { RequestWriter } from './request-writer.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { UpstreamRequest } from './transport.ts';

type Place = Pick<Endpoint, 'address' | 'key'>;
const endpoint: Place = { address: { kind: 'url', origin: 'http://127.0.0.1:8000', basePath: '/v1' }, key: 'first-key' };
const chat: UpstreamRequest = { method: 'POST', path: '/chat/completions', body: Buffer.from('{"a":1}'), attemptId: 'a1' };

function written(writer: RequestWriter, to: Place, request: UpstreamRequest): string {
  return writer.write(to, request).toString('latin1');
}

test('each request carries its own path, key, headers and id, whatever the one before it carried', () => {
  const writer = new RequestWriter();
  const first = written(writer, endpoint, chat);
  expect(first).toMatch(/^POST \/v1\/chat\/completions HTTP\/1\.1\r\nhost: 127\.0\.0\.1:8000\r\n/);
  expect(first).toContain('authorization: Bearer first-key\r\nx-request-id: a1\r\n');
  expect(first.endsWith('content-length: 7\r\n\r\n{"a":1}')).toBe(true);
  expect(written(writer, endpoint, { ...chat, attemptId: 'a2' })).toBe(first.replace('a1', 'a2'));
  const others: readonly [Place, UpstreamRequest][] = [
    [{ ...endpoint, key: 'second-key' }, chat],
    [{ ...endpoint, key: undefined }, chat],
    [{ ...endpoint, address: { kind: 'url', origin: 'http://127.0.0.1:8001', basePath: '/v1' } }, chat],
    [endpoint, { ...chat, path: '/embeddings' }],
    [endpoint, { ...chat, headers: { 'x-api-key': 'other' } }],
    [endpoint, { method: 'GET', path: '/chat/completions', body: undefined }],
  ];
  for (const [to, request] of others) {
    expect(written(writer, to, request)).toBe(written(new RequestWriter(), to, request));
    expect(written(writer, endpoint, chat)).toBe(first);
  }
});

test('a key, a path or an id that would end its line is never written, and nothing of it is kept', () => {
  const writer = new RequestWriter();
  expect(() => writer.write({ ...endpoint, key: 'a\r\nx: y' }, chat)).toThrow('control character');
  expect(() => writer.write(endpoint, { ...chat, path: '/a\r\nx: y' })).toThrow('control character');
  expect(() => writer.write(endpoint, { ...chat, attemptId: 'a\r\n' })).toThrow('control character');
  expect(written(writer, endpoint, chat)).toContain('Bearer first-key');
});
