import { expect, test } from 'vitest';
import { allRequestCases } from './all-request-cases.ts';
import { readRequests, type FoundRequest, type Readings } from './read-requests.ts';
import { splitBytes } from './split-bytes.ts';
import type { ReadRequest, Verdict } from './request-case.ts';

/**
 * What an adversary may send as HTTP/1.1 (RFC 9110, 9112), split in every way: read exactly, or refused and closed. A
 * probe stands behind each case; where the connection goes on, it must be read as itself and as nothing else.
 */
const probe = 'GET /probe HTTP/1.1\r\nHost: probe\r\n\r\n';
const probed: ReadRequest = { method: 'GET', target: '/probe', body: '', headers: { host: 'probe' } };

const cases = allRequestCases.filter(({ judge }) => judge === 'reader');

test('the cases are many, and each has its name', () => {
  expect(allRequestCases.length).toBeGreaterThan(300);
  expect(new Set(allRequestCases.map(({ name, bytes }) => `${name} ${bytes}`)).size).toBe(allRequestCases.length);
});

test.each(cases)('S15: $name: $verdicts.0.kind', async ({ bytes, verdicts }) => {
  const probes = !verdicts.some((verdict) => verdict.kind === 'read' && verdict.behind === 'wait');
  const reached = new Set<Verdict>();
  for (const pieces of splitBytes(probes ? bytes + probe : bytes, bytes.length)) {
    const readings = await readRequests(pieces);
    const verdict = verdicts.find((candidate) => meets(readings, candidate));
    if (verdict === undefined) expect(readings, `in ${pieces.length} pieces`).toEqual(verdicts);
    else reached.add(verdict);
  }
  expect(reached.size, 'read in one way however it was split').toBe(1);
});

function meets({ requests, statuses, closed }: Readings, verdict: Verdict): boolean {
  const finals = statuses.filter((status) => status >= 200);
  if (verdict.kind === 'refused') {
    const last = finals.at(-1) ?? 0;
    return closed && isAll(requests, verdict.after) && finals.length === verdict.after.length + 1 && verdict.statuses.includes(last);
  }
  const expected = verdict.behind === 'next' ? [...verdict.requests, probed] : verdict.requests;
  return (
    isAll(requests, expected) &&
    finals.length === expected.length &&
    finals.every((status) => status === 200) &&
    closed === (verdict.behind === 'close')
  );
}

function isAll(found: readonly FoundRequest[], expected: readonly ReadRequest[]): boolean {
  return found.length === expected.length && expected.every((one, index) => isSame(found[index], one));
}

function isSame(found: FoundRequest | undefined, { method, target, body, headers = {} }: ReadRequest): boolean {
  if (found === undefined || found.method !== method || found.target !== target || found.body !== body) return false;
  return Object.entries(headers).every(([name, value]) => JSON.stringify(found.headers[name]) === JSON.stringify(value));
}
