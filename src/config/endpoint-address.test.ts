import { expect, test } from 'vitest';
import { endpointAddress } from './endpoint-address.ts';
import { hostReach } from './host-reach.ts';

test.each([
  ['https://api.example.com', 'https://api.example.com', '/v1'],
  ['https://api.example.com/', 'https://api.example.com', '/v1'],
  ['https://api.example.com/v1', 'https://api.example.com', '/v1'],
  ['https://api.example.com/v1/', 'https://api.example.com', '/v1'],
  ['https://api.groq.com/openai', 'https://api.groq.com', '/openai/v1'],
  ['https://generativelanguage.googleapis.com/v1beta/openai', 'https://generativelanguage.googleapis.com', '/v1beta/openai'],
  ['HTTP://LOCALHOST:8000', 'http://localhost:8000', '/v1'],
  ['http://[::1]:8000/v1', 'http://[::1]:8000', '/v1'],
  ['http://10.1.2.3', 'http://10.1.2.3', '/v1'],
])('%s is read as origin and base path', (given, origin, basePath) => {
  const resolved = endpointAddress(given, undefined);
  expect(resolved.ok ? resolved.value.address : resolved.failure).toEqual({ kind: 'url', origin, basePath });
});

test.each(['http://127.1', 'http://2130706433', 'http://0x7f000001', 'http://0177.0.0.1', 'http://①②⑦.⓪.⓪.①', 'http:\\\\127.0.0.1'])(
  '%s is seen to be this machine',
  (given) => {
    const resolved = endpointAddress(given, undefined);
    expect(resolved.ok && resolved.value.address.origin).toBe('http://127.0.0.1');
    expect(endpointAddress(given, false).ok).toBe(false);
  },
);

test.each([
  ['127.0.0.1', 'loopback'],
  ['[::1]', 'loopback'],
  ['[::ffff:127.0.0.1]', 'loopback'],
  ['localhost', 'loopback'],
  ['localhost.', 'loopback'],
  ['x.localhost', 'loopback'],
  ['192.168.1.1', 'private'],
  ['172.31.0.1', 'private'],
  ['100.64.0.1', 'private'],
  ['[fd00::1]', 'private'],
  ['172.32.0.1', 'public'],
  ['8.8.8.8', 'public'],
  ['example.com', 'public'],
  ['localhost.example.com', 'public'],
  ['169.254.169.254', 'forbidden'],
  ['[fe80::1]', 'forbidden'],
  ['0.0.0.0', 'forbidden'],
  ['[::]', 'forbidden'],
  ['224.0.0.1', 'forbidden'],
])('%s is %s', (host, reach) => {
  expect(hostReach(host)).toBe(reach);
});

test('a name over http needs the operator’s word that it is private', () => {
  expect(endpointAddress('http://vllm:8000', undefined).ok).toBe(false);
  expect(endpointAddress('http://vllm:8000', true)).toMatchObject({ ok: true, value: { allowPrivate: true } });
});
