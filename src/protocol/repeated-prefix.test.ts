import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RepeatedPrefix } from './repeated-prefix.ts';

test('fuzz: whatever the pieces, exactly the released text is taken off', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), fc.array(fc.nat({ max: 9 })), (released, rest, cuts) => {
      const prefix = new RepeatedPrefix(released);
      let whole = released + rest;
      let out = '';
      for (const cut of [...cuts, whole.length]) {
        const step = prefix.push(whole.slice(0, cut));
        whole = whole.slice(cut);
        if (step.kind === 'text') out += step.text;
      }
      expect(out).toBe(rest);
    }),
  );
});

test('text that is no repetition is told apart', () => {
  const prefix = new RepeatedPrefix('Once upon');
  expect(prefix.push('Once ')).toEqual({ kind: 'text', text: '' });
  expect(prefix.push('again')).toEqual({ kind: 'differs' });
});

test('what the model says twice of its own accord is kept', () => {
  expect(new RepeatedPrefix('ha ').push('ha ha ha')).toEqual({ kind: 'text', text: 'ha ha' });
});
