import { expect, test } from 'vitest';
import { exemptBy, readNoProxy, type IsExempt } from './no-proxy.ts';

function exempt(...entries: string[]): IsExempt {
  return exemptBy(
    entries.map((entry) => {
      const read = readNoProxy(entry);
      if (!read.ok) throw new Error(read.failure.what);
      return read.value;
    }),
  );
}

test.each<[string, string, number, boolean]>([
  ['example.com', 'example.com', 443, true],
  ['example.com', 'api.example.com', 443, true],
  ['Example.COM', 'api.example.com.', 443, true],
  ['example.com', 'notexample.com', 443, false],
  ['.example.com', 'example.com', 443, false],
  ['.example.com', 'api.example.com', 443, true],
  ['*.example.com', 'api.example.com', 443, true],
  ['*.example.com', 'example.com', 443, false],
  ['example.com:8443', 'api.example.com', 8443, true],
  ['example.com:8443', 'api.example.com', 443, false],
  ['*', 'anything.example', 1, true],
  ['10.0.0.0/8', '10.1.2.3', 80, true],
  ['10.0.0.0/8', '11.1.2.3', 80, false],
  ['10.0.0.0/8', 'ten.example', 80, false],
  ['fd00::/8', 'fd12::1', 80, true],
  ['10.1.2.3', '10.1.2.3', 80, true],
  ['10.1.2.3:81', '10.1.2.3', 80, false],
  ['fd00::1', 'fd00::1', 80, true],
  ['[fd00::1]:80', 'fd00::1', 80, true],
])('with %s, %s at port %i is exempt: %s', (entry, host, port, expected) => {
  expect(exempt(entry)(host, port)).toBe(expected);
});

test('this machine is always exempt', () => {
  for (const host of ['localhost', 'x.localhost', '127.0.0.1', '127.9.9.9', '::1']) expect(exempt()(host, 80)).toBe(true);
  expect(exempt()('example.com', 80)).toBe(false);
});

test.each(['', 'a b', 'http://x', '10.0.0.0/33', 'fd00::/129', 'x/y', '[example]', 'a..', '-'])('%j is no entry', (entry) => {
  expect(readNoProxy(entry).ok).toBe(false);
});
