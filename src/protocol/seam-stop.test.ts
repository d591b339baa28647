import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeamStop } from './seam-stop.ts';

test('fuzz: it stops exactly where the joined text has a stop string that straddles the seam and nothing else can follow it', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  fc.assert(
    fc.property(
      letters,
      letters,
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 }), { maxLength: 3 }),
      (released, rest, stops) => {
        const seam = new SeamStop(released, stops);
        let stopped = false;
        for (const letter of seam.open ? rest : '') {
          const step = seam.push(letter);
          stopped = step.kind === 'stopped';
          if (step.kind !== 'pending') break;
        }
        const straddles = stops.some((stop) =>
          Array.from({ length: stop.length - 1 }, (_, index) => index + 1).some(
            (before) => released.endsWith(stop.slice(0, before)) && rest.startsWith(stop.slice(before)),
          ),
        );
        expect(stopped).toBe(straddles);
      },
    ),
    { numRuns: 500 },
  );
});

test('a stop string that lies in the continuation alone is the other endpoint’s to find', () => {
  expect(new SeamStop('abc', ['END']).open).toBe(false);
});
