import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EmulatedBatch, type Ticket } from './emulated-batch.ts';

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('request' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), which: fc.nat(200) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hold' as const), which: fc.nat(200), tokens: fc.nat(5_000) }) },
);

interface ModelEntry {
  kv: number;
}

test('the batch seats first come, first served, within both limits, and forgets what leaves', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(3), fc.array(step, { maxLength: 120 }), (maxConcurrent, maxWaiting, steps) => {
      const batch = new EmulatedBatch({ maxConcurrent, maxWaiting, retryAfterS: 1 });
      const tickets: (Ticket | 'full')[] = [];
      const seatedOrder: number[] = [];
      // The model: two plain lists, front first.
      const entries: ModelEntry[] = [];
      let seated: number[] = [];
      let waiting: number[] = [];
      const expectedOrder: number[] = [];
      const expectedRefusals: boolean[] = [];
      for (const move of steps) {
        if (move.kind === 'request') {
          const id = tickets.length;
          tickets.push(batch.request(() => seatedOrder.push(id)));
          entries.push({ kv: 0 });
          expectedRefusals.push(seated.length === maxConcurrent && waiting.length === maxWaiting);
          if (seated.length < maxConcurrent) {
            seated.push(id);
            expectedOrder.push(id);
          } else if (waiting.length < maxWaiting) waiting.push(id);
        } else {
          const which = tickets.length === 0 ? 0 : move.which % tickets.length;
          const ticket = tickets[which];
          const entry = entries[which];
          if (ticket === undefined || ticket === 'full' || entry === undefined) continue;
          if (move.kind === 'hold') {
            ticket.hold(move.tokens);
            if (seated.includes(which)) entry.kv = move.tokens;
          } else {
            ticket.leave();
            waiting = waiting.filter((id) => id !== which);
            if (seated.includes(which)) {
              seated = seated.filter((id) => id !== which);
              const next = waiting.shift();
              if (next !== undefined) {
                seated.push(next);
                expectedOrder.push(next);
              }
            }
          }
        }
        expect(tickets.map((ticket) => ticket === 'full')).toEqual(expectedRefusals);
        expect(batch.running()).toBe(seated.length);
        expect(batch.waiting()).toBe(waiting.length);
        expect(seatedOrder).toEqual(expectedOrder);
        expect(batch.load()).toEqual({
          sequences: Math.max(1, seated.length),
          residentKvTokens: seated.reduce((sum, id) => sum + (entries[id]?.kv ?? 0), 0),
        });
      }
    }),
  );
});
