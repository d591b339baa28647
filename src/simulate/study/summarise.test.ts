import { expect, test } from 'vitest';
import { csvReport } from '../report/csv-report.ts';
import { htmlReport } from '../report/html-report.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { spreadOf, summarise } from './summarise.ts';
import type { CaseResult } from './study.ts';

const result = (policy: string, seed: number, goodput: number): CaseResult => sampleResult({ trace: 'a <trace>', policy, seed, goodput });

test('the interval of a mean is Student’s: of 1, 2 and 3 it is 2 ± 2.484', () => {
  expect(spreadOf([1, 2, 3])).toEqual({ mean: 2, halfWidth: expect.closeTo(2.484, 3), n: 3 });
  expect(spreadOf([7])).toEqual({ mean: 7, halfWidth: undefined, n: 1 });
});

test('a summary has the best first, beside the bound of its own seeds, and no cost where a price is unknown', () => {
  const results = [result('worse', 1, 0.5), result('worse', 2, 0.7), result('better', 1, 0.9), result('better', 2, 0.9)];
  const lines = summarise(results, [
    { trace: 'a <trace>', load: 1, seed: 1, goodput: 0.95 },
    { trace: 'a <trace>', load: 1, seed: 9, goodput: 0.1 },
  ]);
  expect(lines.map(({ policy, bound, usdPerGood }) => ({ policy, bound, usdPerGood }))).toEqual([
    { policy: 'better', bound: 0.95, usdPerGood: undefined },
    { policy: 'worse', bound: 0.95, usdPerGood: undefined },
  ]);
});

test('a report says that it is simulated, needs nothing from elsewhere and lets no name become markup', () => {
  const html = htmlReport({ title: 'A <b>study</b>', results: [result('p', 1, 0.5), { ...result('p', 1, 0.4), load: 2 }], bounds: [] }, [
    'note & more',
  ]);
  expect(html).toContain('Simulated.');
  expect(html).not.toMatch(/<script|https?:|url\(|<b>|<trace>/);
  expect(html).toContain('note &amp; more');
  expect(html).not.toContain('NaN');
});

test('the CSV has one line a run, quoted where it must be', () => {
  const lines = csvReport({ title: '', results: [{ ...result('p', 1, 0.5), trace: 'a, "b"' }], bounds: [] }).split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^"a, ""b""",1,p,1,simulated,100,/);
});
