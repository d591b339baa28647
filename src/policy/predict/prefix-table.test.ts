import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PrefixTable } from './prefix-table.ts';
import { replayable } from '../../std/testing/replayable.ts';

const file = 'src/policy/predict/prefix-table.test.ts';

/** Prompts as chains: the hash of a block stands for all before it too. */
function chain(group: number, blocks: number): Int32Array {
  return Int32Array.from({ length: blocks }, (_, index) => Math.imul(group + 1, 0x1000_0001) ^ Math.imul(index + 1, 0x9e37_79b1));
}

describe('the table of prefixes', () => {
  test('finds as much of a prompt as was sent, whatever is guessed, while nothing had to be forgotten', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 20 })), { maxLength: 60 }),
        fc.integer({ min: -1, max: 40 }),
        (sent, likely) => {
          const table = new PrefixTable(4096, 4096);
          const longest = new Map<number, number>();
          for (const [group, blocks] of sent) {
            expect(table.match(chain(group, 30), likely)).toBe(longest.get(group) ?? 0);
            table.add(chain(group, blocks));
            longest.set(group, Math.max(longest.get(group) ?? 0, blocks));
            expect(table.match(chain(group, blocks), likely)).toBe(blocks);
          }
        },
      ),
      replayable(file, 300),
    );
  });

  test('never has more than its places, and never finds what was not sent', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 1, max: 60 })), { maxLength: 300 }), (sent) => {
        const table = new PrefixTable(1000, 1024);
        const known = new Map<number, number>();
        for (const [group, blocks] of sent) {
          table.add(chain(group, blocks));
          known.set(group, Math.max(known.get(group) ?? 0, blocks));
          expect(table.places).toBeLessThanOrEqual(1024);
        }
        for (let group = 0; group < 5000; group += 7) expect(table.match(chain(group, 60), 0)).toBeLessThanOrEqual(known.get(group) ?? 0);
      }),
      replayable(file, 50),
    );
  });

  test('forgets what others pushed out, and learns from the engine that it reaches less far', () => {
    const table = new PrefixTable(1000, 4096);
    table.add(chain(0, 10));
    for (let group = 1; group <= 90; group += 1) table.add(chain(group, 10));
    expect(table.match(chain(0, 10), 0)).toBe(10);
    for (let told = 0; told < 200; told += 1) table.learn(640, 0, 64);
    expect(table.match(chain(0, 10), 0)).toBe(0);
    for (let group = 100; group < 400; group += 1) table.add(chain(group, 10));
    expect(table.match(chain(90, 10), 0)).toBe(0);
  });
});
