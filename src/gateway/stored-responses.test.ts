import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replayable } from '../std/testing/replayable.ts';
import { StoredResponses } from './stored-responses.ts';

const limits = { maxEntries: 4, maxBytes: 100_000, keepMs: 100 };

function sized(characters: number): { response: string; input: []; conversation: [] } {
  return { response: 'x'.repeat(characters), input: [], conversation: [] };
}

test('S24: another tenant’s response does not exist', () => {
  const store = new StoredResponses(limits);
  store.put('a', 'one', sized(1), 0);
  expect([store.get('a', 'one', 1)?.response, store.get('b', 'one', 1), store.delete('b', 'one', 1)]).toEqual(['x', undefined, false]);
});

test('over any history it holds the newest that fit in number, bytes and time, and nothing else', () => {
  const step = fc.record({
    act: fc.constantFrom('put' as const, 'delete' as const, 'wait' as const),
    id: fc.nat(6).map(String),
    size: fc.integer({ min: 0, max: 4000 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const store = new StoredResponses(limits);
      let model: { id: string; size: number; at: number }[] = [];
      let nowMs = 0;
      const bytesOf = ({ size }: { size: number }): number => 1024 + 2 * (size + '[[],[]]'.length);
      for (const { act, id, size } of steps) {
        if (act === 'wait') nowMs += 40;
        model = model.filter(({ at }) => at + limits.keepMs > nowMs);
        if (act !== 'wait') model = model.filter((entry) => entry.id !== id);
        if (act === 'delete') store.delete('t', id, nowMs);
        if (act === 'put') {
          const fits = bytesOf({ size }) <= limits.maxBytes / 16;
          expect(store.put('t', id, sized(size), nowMs)).toBe(fits);
          if (fits) model.push({ id, size, at: nowMs });
          while (model.length > limits.maxEntries || model.reduce((sum, entry) => sum + bytesOf(entry), 0) > limits.maxBytes) model.shift();
        }
        for (let known = 0; known <= 6; known += 1) {
          expect(store.get('t', String(known), nowMs)?.response.length).toBe(model.find((entry) => entry.id === String(known))?.size);
        }
        expect(store.status()).toEqual({ entries: model.length, bytes: model.reduce((sum, entry) => sum + bytesOf(entry), 0) });
      }
    }),
    replayable('src/gateway/stored-responses.test.ts', 200),
  );
});
