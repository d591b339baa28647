import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bodyRoutes } from './every-route.ts';
import { gatewayOver } from '../support/started.ts';
import { postRaw } from '../support/read-answer.ts';

const script = fileURLToPath(new URL('polluted-requests.ts', import.meta.url));
const flags = ['--frozen-intrinsics', '--disable-proto=delete', '--disable-warning=ExperimentalWarning'];

test('S16: with every intrinsic frozen, requests and answers that would change prototypes are served or refused, and change nothing', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, script], { maxBuffer: 1 << 20 });
  const { statuses, ...seen } = JSON.parse(stdout);
  expect(seen).toEqual({ frozen: true, polluted: false, changed: false, reports: [], rows: expect.any(Number) });
  expect(statuses[200]).toBeGreaterThan(50);
  expect(statuses[400]).toBeGreaterThan(50);
  // Our own failures alone are told with a 500.
  expect(statuses[500]).toBeUndefined();
});

/** Bodies that two readers would see differently, or that cost a reader more than they cost their writer. */
const guards: readonly (readonly [string, (json: string) => string | Uint8Array])[] = [
  ['65 levels of nesting', (json) => json.replace('"hi"', `${'['.repeat(65)}${']'.repeat(65)}`)],
  ['a hundred thousand levels', (json) => json.replace('"hi"', '['.repeat(100_000))],
  ['100,001 tokens', (json) => json.replace('"hi"', `[${'1,'.repeat(100_001)}1]`)],
  ['a key given twice', (json) => json.replace('{', '{"model":"m",')],
  ['a key given twice, once escaped', (json) => json.replace('{', '{"\\u006dodel":"m",')],
  ['a key given twice far inside', (json) => json.replace('"hi"', '[[{"a":1,"a":2}]]')],
  ['`__proto__` given twice', (json) => json.replace('{', '{"__proto__":1,"__proto__":2,')],
  ['a byte that is no UTF-8', (json) => Buffer.from(json.replace('"hi"', '"\xff"'), 'latin1')],
  ['an overlong form', (json) => Buffer.from(json.replace('"hi"', '"\xc0\xaf"'), 'latin1')],
  ['half a surrogate pair in UTF-8', (json) => Buffer.from(json.replace('"hi"', '"\xed\xa0\x80"'), 'latin1')],
  ['a byte order mark', (json) => `\ufeff${json}`],
  ['two values', (json) => json + json],
  ['a comment', (json) => json.replace('{', '{/* */')],
  ['a comma too many', (json) => json.replace(/\}$/, ',}')],
  ['NaN', (json) => json.replace('"hi"', 'NaN')],
  ['UTF-16', (json) => Buffer.from(json, 'utf16le')],
  ['nothing', () => ''],
];

test.each(guards)('S16: %s is refused on every route before anything is built from it', async (_what, change) => {
  const gate = await gatewayOver([{ id: 'one', origin: 'http://127.0.0.1:9', passUnknownFields: true }]);
  for (const { path, body } of bodyRoutes) {
    const { status, text } = await postRaw(`${gate.url}${path}`, change(JSON.stringify(body)));
    expect([path, status]).toEqual([path, 400]);
    expect(text).not.toContain('"hi"');
  }
});
