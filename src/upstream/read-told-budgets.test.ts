import { expect, test } from 'vitest';
import { readToldBudgets } from './read-told-budgets.ts';
import type { ResponseHeaders } from './response-headers.ts';
import type { ToldBudget } from '../policy/key-room.ts';

/** Written from the vendors' published lists of headers: platform.openai.com, console.groq.com, docs.anthropic.com, inference-docs.cerebras.ai. */
test.each<[string, ResponseHeaders, readonly ToldBudget[]]>([
  [
    'OpenAI',
    {
      'x-ratelimit-limit-requests': '60',
      'x-ratelimit-remaining-requests': '59',
      'x-ratelimit-reset-requests': '1s',
      'x-ratelimit-limit-tokens': '150000',
      'x-ratelimit-remaining-tokens': '149984',
      'x-ratelimit-reset-tokens': '6m0s',
    },
    [
      { of: 'requests', remaining: 59, resetInMs: 1000 },
      { of: 'tokens', remaining: 149_984, resetInMs: 360_000 },
    ],
  ],
  [
    'Groq, whose requests count per day',
    {
      'x-ratelimit-remaining-requests': '14370',
      'x-ratelimit-reset-requests': '2m59.56s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '7.66s',
    },
    [
      { of: 'requests', remaining: 14_370, resetInMs: 179_560 },
      { of: 'tokens', remaining: 0, resetInMs: 7660 },
    ],
  ],
  [
    'Cerebras, with the period in the name',
    {
      'x-ratelimit-remaining-requests-day': '1000',
      'x-ratelimit-reset-requests-day': '33011.382',
      'x-ratelimit-remaining-tokens-minute': '60000',
      'x-ratelimit-reset-tokens-minute': '11.382',
    },
    [
      { of: 'requests', remaining: 1000, resetInMs: 33_011_382 },
      { of: 'tokens', remaining: 60_000, resetInMs: 11_382 },
    ],
  ],
  [
    'Anthropic, with times of day, of which the tightest holds',
    {
      date: 'Wed, 25 Nov 2026 08:00:00 GMT',
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-11-25T08:00:30Z',
      'anthropic-ratelimit-input-tokens-remaining': '5000',
      'anthropic-ratelimit-input-tokens-reset': '2026-11-25T08:00:10Z',
      'anthropic-ratelimit-output-tokens-remaining': '800',
      'anthropic-ratelimit-output-tokens-reset': '2026-11-25T08:00:20Z',
    },
    [
      { of: 'requests', remaining: 0, resetInMs: 30_000 },
      { of: 'tokens', remaining: 800, resetInMs: 20_000 },
    ],
  ],
  ['a bare limit', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '12' }, [{ of: 'requests', remaining: 0, resetInMs: 12_000 }]],
  ['no limit', { 'x-ratelimit-remaining-requests': '-1', 'x-ratelimit-reset-requests': '1s' }, []],
  ['a limit of nothing', { 'x-ratelimit-limit-tokens': '0', 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1s' }, []],
  ['no reset', { 'x-ratelimit-remaining-requests': '0' }, []],
  [
    'nonsense',
    {
      'x-ratelimit-remaining-requests': 'many',
      'x-ratelimit-reset-requests': 'soon',
      'x-ratelimit-remaining-images': '0',
      'x-ratelimit-reset-images': '1s',
    },
    [],
  ],
  ['nothing', { 'content-type': 'application/json' }, []],
])('%s', (_who, headers, budgets) => {
  expect(readToldBudgets(headers)).toEqual(budgets);
});
