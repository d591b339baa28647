import { expect, test } from 'vitest';
import fc from 'fast-check';
import { ownedNames, owningProcess } from './owning-process.ts';
import { seededRandom } from '../std/random.ts';

test('every name has one owner among the processes, and always the same', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 64 }), (name, processes) => {
      const owner = owningProcess(name, processes);
      expect(Number.isInteger(owner)).toBe(true);
      expect(owner).toBeGreaterThanOrEqual(0);
      expect(owner).toBeLessThan(processes);
      expect(owningProcess(name, processes)).toBe(owner);
    }),
  );
});

test('names that differ in their ends alone, as keys with a counter do, spread evenly', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 20 }), fc.integer({ min: 2, max: 16 }), (prefix, processes) => {
      const names = 200 * processes;
      const owned = Array.from({ length: processes }, () => 0);
      for (let count = 0; count < names; count += 1) {
        const owner = owningProcess(`${prefix}${count}`, processes);
        owned[owner] = (owned[owner] ?? 0) + 1;
      }
      // Seven standard deviations around the 200 that each should have.
      for (const count of owned) expect(Math.abs(count - 200)).toBeLessThan(100);
    }),
    { numRuns: 50 },
  );
});

test('a process draws names of its own', () => {
  const random = seededRandom(11);
  const draw = (): string => Math.floor(random() * 2 ** 32).toString(16);
  for (let index = 0; index < 5; index += 1) {
    const own = ownedNames(draw, index, 5);
    for (let count = 0; count < 100; count += 1) expect(owningProcess(own(), 5)).toBe(index);
  }
  expect(ownedNames(draw, 0, 1)).toBe(draw);
});
