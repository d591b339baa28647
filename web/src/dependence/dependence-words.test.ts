import { expect, test } from 'vitest';
import {
  atLeastWords,
  capRuleWords,
  capsInBrief,
  capStateWords,
  concentrationWords,
  countWords,
  displacedWords,
  evidenceParts,
  groupWords,
  heldBy,
  leftOutWords,
  percent,
  spanWords,
  usdWords,
  worstWithoutLargest,
} from './dependence-words.ts';
import { readDependence, type CapStanding, type DependenceReport } from './dependence-report.ts';
import { sampleBody } from './testing/sample-body.ts';

function sample(): DependenceReport {
  const report = readDependence(sampleBody());
  if (report === undefined) throw new Error('the sample is not understood');
  return report;
}

function cap(more: Partial<CapStanding>): CapStanding {
  const [first] = sample().caps;
  if (first === undefined) throw new Error('the sample has no cap');
  return { ...first, ...more };
}

/** Figures are glued to their sign, so that no line breaks between them. */
function plain(words: string): string {
  return words.replaceAll('\u00a0', ' ');
}

test('a little never reads as nothing, nor nearly all as all', () => {
  expect([0, 0.0004, 0.0421, 0.6, 0.9996, 1].map((share) => plain(percent(share)))).toEqual(['0 %', '< 0.1 %', '4.2 %', '60 %', '> 99.9 %', '100 %']);
});

test('a lower bound is never rounded up', () => {
  expect([0, 0.004, 0.29, 0.419, 0.9999, 1, 1.2].map((part) => plain(atLeastWords(part)))).toEqual([
    'nothing for sure',
    'less than 1 % for sure',
    'at least 29 %',
    'at least 41 %',
    'at least 99 %',
    'all of it',
    'all of it',
  ]);
});

test('counts, sums and spans keep the digits that mean something', () => {
  expect([7, 84_200, 6_416_000, 2_000_000_000].map(countWords)).toEqual(['7', '84,200', '6.42 M', '2 G']);
  expect([0, 0.00421, 0.5, 1_204.5, -0.3].map(usdWords)).toEqual(['$0.00', '$0.0042', '$0.50', '$1,204.50', '−$0.30']);
  expect([30_000, 60_000, 3_600_000, 86_400_000, 604_800_000].map(spanWords)).toEqual(['30 seconds', '1 minute', '1 hour', '24 hours', '7 days']);
});

test('concentration is told as so many equal vendors', () => {
  expect([undefined, 1, 0.5, 0.418].map(concentrationWords)).toEqual([
    'no tokens yet',
    'all from one',
    'like 2.0 equal vendors',
    'like 2.4 equal vendors',
  ]);
});

test('each state of a cap has a name, a meaning and a sign of its own', () => {
  const states = (['below-minimum', 'room', 'near', 'binding', 'yielding'] as const).map(capStateWords);
  expect(states.map(({ name }) => name)).toEqual(['Not judged yet', 'Room', 'Near', 'Binding', 'Yielding']);
  expect(new Set(states.map(({ sign }) => sign)).size).toBe(states.length);
  expect(capStateWords('yielding').meaning).toContain('a loss is declared');
});

test('a cap says its rule, whatever it is about', () => {
  expect(plain(capRuleWords(cap({})))).toBe('hard, 60 % of tokens in 1 hour');
  expect(plain(capRuleWords(cap({ measure: 'usd', kind: 'soft', windowMs: 86_400_000 })))).toBe('soft, 60 % of money in 24 hours');
  expect(groupWords({ by: 'controlGroup', name: 'nvidia' })).toBe('control group NVIDIA');
  expect(groupWords({ by: 'vendor', name: 'unknown' })).toBe('unknown silicon');
  expect(groupWords({ by: 'failureDomain', name: 'rack 3' })).toBe('failure domain rack 3');
});

test('what a cap displaced is told with its cost, and an unknown cost is not nothing', () => {
  expect(displacedWords(cap({}))).toBe('3 requests, 900 tokens; extra cost unknown; extra TTFT unknown');
  expect(displacedWords(cap({ displaced: { requests: 1, tokens: 40, extraUsd: 1.92, extraTtftMs: 38 } }))).toBe(
    '1 request, 40 tokens; +$1.92 in money; +38 ms TTFT on average, predicted',
  );
  expect(displacedWords(cap({ displaced: { requests: 2, tokens: 80, extraUsd: -0.3, extraTtftMs: -4 } }))).toContain('−$0.30 in money; −4 ms TTFT');
  expect(displacedWords(cap({ displaced: { requests: 0, tokens: 0, extraUsd: undefined, extraTtftMs: undefined } }))).toBe('nothing');
});

test('caps in brief name what needs a look, the worst first', () => {
  expect(capsInBrief([])).toBe('none set');
  expect(capsInBrief([cap({ state: 'room' }), cap({ state: 'below-minimum' })])).toBe('all have room');
  expect(capsInBrief([cap({ state: 'near' }), cap({ state: 'yielding' }), cap({ state: 'near' })])).toBe('1 yielding, 2 near');
});

test('evidence is told in parts of a vendor’s tokens, the most first', () => {
  const [nvidia] = sample().shares;
  expect(nvidia === undefined ? [] : evidenceParts(nvidia).map(({ kind, part }) => `${kind} ${plain(part)}`)).toEqual([
    'measured 85.7 %',
    'declared 14.3 %',
  ]);
});

test('endpoints that were left out for the same reason stand together', () => {
  const [outage] = sample().outages;
  expect(outage === undefined ? [] : leftOutWords(outage)).toEqual(['a, c: its silicon is unknown', 'b: parity is not proven']);
});

test('the worst without the largest vendor is that of its loss alone', () => {
  const report = sample();
  const [bound] = report.outages;
  if (bound === undefined) throw new Error('the sample has no bound');
  const outages = [
    { ...bound, lost: { by: 'vendor', name: 'amd' } as const, atLeast: 0.1 },
    { ...bound, model: 'other', atLeast: 0.4 },
    { ...bound, atLeast: 0.6 },
  ];
  expect(worstWithoutLargest({ ...report, outages })?.model).toBe('other');
  expect(worstWithoutLargest({ ...report, shares: [] })).toBeUndefined();
});

test('a model is held by one vendor only where the loss of exactly one leaves nothing for sure', () => {
  const report = sample();
  const [bound] = report.outages;
  if (bound === undefined) throw new Error('the sample has no bound');
  expect(heldBy('chat', report)).toBe('NVIDIA');
  expect(heldBy('chat', { ...report, outages: [bound, { ...bound, lost: { by: 'vendor', name: 'amd' } }] })).toBeUndefined();
  expect(heldBy('chat', { ...report, outages: [{ ...bound, atLeast: 0.2 }] })).toBeUndefined();
});
