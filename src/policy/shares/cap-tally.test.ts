import { expect, test } from 'vitest';
import { joinTallies, type CapTally } from './cap-tally.ts';

const tally = (group: number, rest: number, said: Partial<CapTally['standing']> = {}): CapTally => ({
  id: 'a',
  group,
  rest,
  standing: {
    group: { by: 'vendor', name: 'nvidia' },
    measure: 'tokens',
    kind: 'hard',
    most: 0.5,
    windowMs: 1000,
    share: group / (group + rest),
    state: 'room',
    displaced: { requests: 0, tokens: 0, extraUsd: 0, extraTtftMs: undefined },
    ...said,
  },
});

test('what several processes count is added up, and the share worked out from the sums', () => {
  const displaced = { requests: 3, tokens: 30, extraUsd: 0.5, extraTtftMs: 40 };
  const [joint] = joinTallies([[tally(10, 90)], [tally(30, 70, { state: 'binding', displaced })], []]);
  expect(joint).toMatchObject({ group: 40, rest: 160, standing: { share: 0.2, state: 'binding', displaced } });
  const [unknown] = joinTallies([[tally(1, 1, { displaced })], [tally(1, 1, { displaced: { ...displaced, extraUsd: undefined } })]]);
  expect(unknown?.standing.displaced).toEqual({ requests: 6, tokens: 60, extraUsd: undefined, extraTtftMs: 40 });
});
