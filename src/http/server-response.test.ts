import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryConnection } from '../../test/support/memory-connection.ts';
import { replayable } from '../std/testing/replayable.ts';
import { ServerResponse } from './server-response.ts';
import { systemClock } from '../std/clock.ts';

const clock = { ...systemClock, wallMs: () => 0 };

type Step = { readonly kind: 'write' | 'lend'; readonly text: string } | { readonly kind: 'turn' };

/** What a client is sent, write by write. */
function sentFor(steps: readonly Step[], version: '1.0' | '1.1', lends: boolean): readonly string[] {
  const sent: string[] = [];
  const socket = new MemoryConnection({ onBytes: () => {}, onOver: () => {} });
  socket.write = (bytes: unknown): boolean => {
    sent.push(bytes instanceof Uint8Array ? Buffer.from(bytes).toString('latin1') : String(bytes));
    return true;
  };
  const response = new ServerResponse(socket, { version, isHead: false, closes: () => false }, clock);
  response.begin(200, { 'content-type': 'text/event-stream' });
  for (const step of steps) {
    if (step.kind === 'turn') response.flush();
    else if (step.kind === 'write' || !lends) response.write(Buffer.from(step.text));
    else lend(response, step.text);
  }
  response.end();
  response.flush();
  return sent;
}

/** From the middle of some memory that is somebody else's afterwards. */
function lend(response: ServerResponse, text: string): void {
  const memory = Buffer.from(`before${text}behind`);
  response.writeLent(memory, 6, 6 + text.length);
  memory.fill(0x2a);
}

test('what is lent leaves as what is given does, in the same writes, however they follow on each other', () => {
  const text = fc.oneof(fc.stringMatching(/^[a-z]{0,20}$/), fc.constant('x'.repeat(15)), fc.constant('y'.repeat(16)), fc.constant('z'.repeat(5000)));
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ kind: fc.constantFrom('write' as const, 'lend' as const), text }),
    fc.constant({ kind: 'turn' as const }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.constantFrom('1.0' as const, '1.1' as const), (steps, version) => {
      expect(sentFor(steps, version, true)).toEqual(sentFor(steps, version, false));
    }),
    replayable('src/http/server-response.test.ts', 500),
  );
});
