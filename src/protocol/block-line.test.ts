import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlockLine, type BlockStep } from './block-line.ts';
import { readChatPiece, type ChatPiece } from './chat-piece.ts';
import { replayable } from '../std/testing/replayable.ts';

function piece(delta: object): ChatPiece {
  const read = readChatPiece(JSON.stringify({ choices: [{ index: 0, delta }] }));
  if (read === undefined) throw new Error('no piece');
  return read;
}

function call(index: number, args: string, start?: { readonly id: string; readonly name: string }): object {
  return {
    tool_calls: [
      {
        index,
        ...(start === undefined ? {} : { id: start.id }),
        function: { ...(start === undefined ? {} : { name: start.name }), arguments: args },
      },
    ],
  };
}

function told(steps: readonly BlockStep[]): readonly string[] {
  return steps.map((step) => {
    const name = `${step.block.kind}${step.block.index}`;
    return step.kind === 'say' ? `${name} ${step.text}` : step.kind === 'sign' ? `${name} signed ${step.signature}` : `${step.kind} ${name}`;
  });
}

test('reasoning, its signature, text and a call are blocks one after another', () => {
  const line = new BlockLine();
  const steps = [
    piece({ role: 'assistant', content: '' }),
    piece({ reasoning_content: 'hm' }),
    piece({ reasoning_signature: 's' }),
    piece({ content: 'a' }),
    piece({ content: 'b' }),
    piece(call(0, '', { id: 'c', name: 'f' })),
    piece(call(0, '{}')),
  ].flatMap((each) => line.push(each));
  expect(told([...steps, ...line.finish()])).toEqual([
    'open reasoning0',
    'reasoning0 hm',
    'reasoning0 signed s',
    'close reasoning0',
    'open text1',
    'text1 a',
    'text1 b',
    'close text1',
    'open call2',
    'call2 {}',
    'close call2',
  ]);
});

test('a call that begins before the one before it is whole waits for it', () => {
  const line = new BlockLine();
  const steps = [
    piece(call(0, '{"a"', { id: 'x', name: 'f' })),
    piece(call(1, '{"b":', { id: 'y', name: 'g' })),
    piece(call(0, ':1}')),
    piece(call(1, '2}')),
  ].flatMap((each) => line.push(each));
  expect(told([...steps, ...line.finish()])).toEqual([
    'open call0',
    'call0 {"a"',
    'call0 :1}',
    'close call0',
    'open call1',
    'call1 {"b":',
    'call1 2}',
    'close call1',
  ]);
});

test('an answer that only says anything in its last chunk is told whole', () => {
  const line = new BlockLine();
  expect(
    told([...line.push(piece({ content: 'a', tool_calls: [{ id: 'x', function: { name: 'f', arguments: '{}' } }] })), ...line.finish()]),
  ).toEqual(['open text0', 'text0 a', 'close text0', 'open call1', 'call1 {}', 'close call1']);
});

test('whatever is said in whatever order, each block is told once, in one go, with all that it said', () => {
  const part = fc.oneof(
    fc.record({ lane: fc.constantFrom('content' as const, 'reasoning_content' as const), text: fc.string({ minLength: 1 }) }),
    fc.record({ lane: fc.constant('call' as const), call: fc.nat(2), text: fc.constantFrom('{}', '{"a":', '1}', ' ') }),
  );
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const line = new BlockLine();
      let begun = 0;
      const said = { content: '', reasoning_content: '', call: ['', '', ''] };
      const steps: BlockStep[] = [];
      for (const each of parts) {
        if (each.lane !== 'call') {
          said[each.lane] += each.text;
          steps.push(...line.push(piece({ [each.lane]: each.text })));
          continue;
        }
        // Calls begin in order and, once whole, say nothing more: the relay lets nothing else pass.
        const index = Math.min(each.call, begun);
        const before = said.call[index] ?? '';
        if (isJson(before)) continue;
        steps.push(...line.push(piece(call(index, each.text, index === begun ? { id: `c${index}`, name: 'f' } : undefined))));
        begun = Math.max(begun, index + 1);
        said.call[index] = before + each.text;
      }
      steps.push(...line.finish());
      expect(textOf(steps, 'text')).toBe(said.content);
      expect(textOf(steps, 'reasoning')).toBe(said.reasoning_content);
      for (const [index, text] of said.call.entries()) expect(callOf(steps, index)).toBe(text);
      expectInOneGo(steps);
    }),
    replayable('src/protocol/block-line.test.ts', 300),
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function textOf(steps: readonly BlockStep[], kind: string): string {
  return steps.map((step) => (step.kind === 'say' && step.block.kind === kind ? step.text : '')).join('');
}

function callOf(steps: readonly BlockStep[], ordinal: number): string {
  return steps.map((step) => (step.kind === 'say' && step.block.kind === 'call' && step.block.call === ordinal ? step.text : '')).join('');
}

function expectInOneGo(steps: readonly BlockStep[]): void {
  let open: number | undefined;
  let next = 0;
  for (const { kind, block } of steps) {
    if (kind === 'open') {
      expect([open, block.index]).toEqual([undefined, next]);
      open = block.index;
      next += 1;
    } else expect(block.index).toBe(open);
    if (kind === 'close') open = undefined;
  }
  expect(open).toBeUndefined();
}
