import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readToolDeltas, ToolCallAssembly } from './tool-call-assembly.ts';

const assembly = (): ToolCallAssembly => new ToolCallAssembly((index) => `call_made_${index}`);
const call = (entry: Record<string, unknown>) => readToolDeltas([entry]);

test('a well-formed call fits, and is complete when its arguments are JSON', () => {
  const calls = assembly();
  expect(calls.push(call({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }))).toEqual({ kind: 'fits' });
  expect(calls.push(call({ index: 0, function: { arguments: '{"x":' } }))).toEqual({ kind: 'fits' });
  expect(calls.complete).toBe(false);
  calls.push(call({ index: 0, function: { arguments: '1}' } }));
  expect(calls.complete).toBe(true);
});

test('a missing index and a missing id are given where only one reading is possible', () => {
  const calls = assembly();
  expect(calls.push(call({ function: { name: 'f', arguments: '{' } }))).toEqual({
    kind: 'repair',
    repairs: [{ index: 0, id: 'call_made_0', argsToText: false }],
  });
  expect(calls.push(call({ function: { arguments: '}' } }))).toMatchObject({ kind: 'repair', repairs: [{ index: 0, id: undefined }] });
  expect(calls.push(call({ id: 'b', function: { name: 'g', arguments: { y: 1 } } }))).toMatchObject({
    kind: 'repair',
    repairs: [{ index: 1, id: undefined, argsToText: true }],
  });
  expect(calls.complete).toBe(true);
});

test.each([
  ['a skipped index', { index: 1, id: 'a', function: { name: 'f', arguments: '' } }],
  ['a piece that belongs to no call', { function: { arguments: '{' } }],
  ['a piece of a call that never began', { index: 0, function: { arguments: '{' } }],
])('%s is broken', (_name, entry) => {
  expect(assembly().push(call(entry))).toEqual({ kind: 'broken' });
});

test('fuzz: parallel calls in any interleaving of their pieces are complete only when all pieces came', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat()), (values, draws) => {
      const calls = assembly();
      const pieces = values.map((value) => JSON.stringify({ value }).split(''));
      for (const [index] of values.entries()) calls.push(call({ index, id: `c${index}`, function: { name: 'f', arguments: '' } }));
      let left = pieces.reduce((sum, list) => sum + list.length, 0);
      while (left > 0) {
        const open = pieces.flatMap((list, index) => (list.length > 0 ? [index] : []));
        const index = open[draws.next().value % open.length] ?? 0;
        expect(calls.push(call({ index, function: { arguments: pieces[index]?.shift() } }))).toEqual({ kind: 'fits' });
        left -= 1;
      }
      expect(calls.complete).toBe(true);
    }),
    { numRuns: 50 },
  );
});
