import { expect, test } from 'vitest';
import { askedContinuation } from './asked-continuation.ts';
import { lowestTiers } from '../policy/continuation-tier.ts';

test('a request can ask for more than the configuration, never for less', () => {
  const strictestFirst = ['none', 'exact', 'token-ids', 'prefill'];
  for (const configured of lowestTiers)
    for (const header of lowestTiers) {
      const stricter = strictestFirst[Math.min(strictestFirst.indexOf(configured), strictestFirst.indexOf(header))];
      expect(askedContinuation(configured, header)).toEqual({ ok: true, value: stricter });
    }
});

test('without the header the configuration holds; a word that is none of the four is refused by name', () => {
  expect(askedContinuation('prefill', undefined)).toEqual({ ok: true, value: 'prefill' });
  expect(askedContinuation('prefill', 'off')).toMatchObject({ ok: false, failure: { code: 'invalid_request' } });
});
