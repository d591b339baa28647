import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventHub, type ControlEvent } from './event-hub.ts';
import { systemClock } from '../../std/clock.ts';

test('a follower that keeps up gets everything in its order; one that does not learns where how many are missing', () => {
  const hub = new EventHub(systemClock);
  const [quick, slow]: [ControlEvent[], ControlEvent[]] = [[], []];
  hub.follow((event) => quick.push(event) > 0);
  const follower = hub.follow((event) => slow.push(event) === -1);
  for (let count = 0; count < 400; count += 1) hub.emit('audit', { count });
  expect(quick.map(({ seq }) => seq)).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
  expect(slow).toHaveLength(1);
  for (let count = 0; count < 300; count += 1) follower?.resume();
  expect(slow.map(({ kind }) => kind).indexOf('dropped')).toBe(257);
  expect(slow.at(-1)).toMatchObject({ kind: 'dropped', data: { count: 143 } });
});

test('more than 64 followers are refused', () => {
  const hub = new EventHub(systemClock);
  const followers = Array.from({ length: 64 }, () => hub.follow(() => true));
  expect(hub.follow(() => true)).toBeUndefined();
  followers[0]?.stop();
  expect(hub.follow(() => true)).toBeDefined();
});

const acts = fc.array(fc.constantFrom('emit', 'resume', 'burst' as const), { maxLength: 60 });

test('whatever a follower does, each event is given once in order or counted as dropped', () => {
  fc.assert(
    fc.property(acts, fc.infiniteStream(fc.boolean()), (done, takes) => {
      const hub = new EventHub(systemClock);
      let next = 1;
      const follower = hub.follow(({ seq, kind, data }) => {
        if (kind === 'dropped') next += Number(data['count']);
        else expect(seq).toBe(next++);
        return takes.next().value;
      });
      let emitted = 0;
      const emit = (): void => {
        emitted += 1;
        hub.emit('audit', {});
      };
      for (const act of done) {
        if (act === 'resume') follower?.resume();
        else for (let count = 0; count < (act === 'emit' ? 1 : 300); count += 1) emit();
      }
      for (let count = 0; count < 2000 && next <= emitted; count += 1) follower?.resume();
      expect(next).toBe(emitted + 1);
    }),
    { numRuns: 200 },
  );
});
