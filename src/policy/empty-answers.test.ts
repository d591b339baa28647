import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EmptyAnswers } from './empty-answers.ts';

test('one empty answer in twenty passes, two do not, and a minute later all is forgotten', () => {
  const answers = new EmptyAnswers();
  for (let n = 0; n < 19; n += 1) expect(answers.heard('d', 'said', n)).toBe('passes');
  expect(answers.heard('d', 'empty', 20)).toBe('passes');
  expect(answers.heard('d', 'empty', 21)).toBe('too-many');
  expect(answers.heard('other', 'empty', 22)).toBe('passes');
  expect(answers.heard('d', 'empty', 120_000)).toBe('passes');
});

test('fuzz: it says too many exactly where the last minute’s answers are at least twenty and over a twentieth of them empty', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 3000 })), { maxLength: 120 }), (steps) => {
      const answers = new EmptyAnswers();
      const heard: { readonly second: number; readonly empty: boolean }[] = [];
      let nowMs = 0;
      for (const [empty, afterMs] of steps) {
        nowMs += afterMs;
        const second = Math.floor(nowMs / 1000);
        heard.push({ second, empty });
        const recent = heard.filter((past) => past.second > second - 60);
        const tooMany = empty && recent.length >= 20 && recent.filter((past) => past.empty).length > recent.length / 20;
        expect(answers.heard('d', empty ? 'empty' : 'said', nowMs)).toBe(tooMany ? 'too-many' : 'passes');
      }
    }),
  );
});
