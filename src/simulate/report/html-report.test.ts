import { expect, test } from 'vitest';
import { equalGoodput } from '../study/equal-goodput.ts';
import { htmlReport } from './html-report.ts';
import { sampleResult } from '../testing/sample-result.ts';
import { verdictsOn } from '../study/verdicts.ts';

test('a report begins with its verdicts, costs no more than was found, and takes names as text', () => {
  const results = ['ours', 'a <rival>'].flatMap((policy, worse) =>
    [0.6, 1].flatMap((load) =>
      [1, 2].map((seed) => sampleResult({ trace: 'a <trace>', policy, load, seed, goodput: 1.45 - 0.6 * load - 0.2 * worse + seed / 100 })),
    ),
  );
  const options = { ours: 'ours', goodput: 0.9, fullRate: 10, rentUsdPerHour: 36 };
  const html = htmlReport({ title: 'Study', results, bounds: [{ trace: 'a <trace>', load: 1, seed: 2, goodput: 1 }] }, ['how it was done'], {
    ours: 'ours',
    verdicts: verdictsOn('ours', results, [{ trace: 'a <trace>', load: 1, seed: 2, goodput: 1 }]),
    costs: [{ trace: 'a <trace>', goodput: 0.9, fullRate: 10, rentUsdPerHour: 36, lines: equalGoodput(results, options) }],
    parts: [{ policy: 'ours', part: { mean: 0.95, halfWidth: 0.01, n: 2 } }],
    partBar: 0.9,
  });
  expect(html.indexOf('Verdicts')).toBeLessThan(html.indexOf('how it was done'));
  expect(html).toContain('<td>a &lt;rival&gt;</td><td>+20.0 ± 0.0 points</td>');
  expect(html).toContain('<td>ours</td><td>95.0 ± 1.0 %</td><td><strong class="held">held</strong></td>');
  expect(html).not.toMatch(/<rival>|<trace>|NaN|undefined|Infinity/);
});
