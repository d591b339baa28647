import { expect, test } from 'vitest';
import { flushAtTurnEnd, readAtTurnEnd, recordAtTurnEnd } from './turn.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('all that a turn brought is read before anything of it is sent, and nothing before the turn ends', async () => {
  const done: string[] = [];
  const note = (what: string) => ({ read: () => void done.push(`read ${what}`), flush: () => void done.push(`sent ${what}`) });
  const [a, b] = [note('a'), note('b')];
  flushAtTurnEnd(a);
  readAtTurnEnd(a);
  readAtTurnEnd(b);
  flushAtTurnEnd(b);
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual(['read a', 'read b', 'sent a', 'sent b']);
});

test('what a read makes to be sent leaves in the same turn, and what comes while it is sent waits for the next', async () => {
  const done: string[] = [];
  const late = { read: () => void done.push('read late') };
  const answer = {
    flush: () => {
      done.push('sent');
      readAtTurnEnd(late);
    },
  };
  readAtTurnEnd({ read: () => flushAtTurnEnd(answer) });
  await turn();
  expect(done).toEqual(['sent']);
  await turn();
  expect(done).toEqual(['sent', 'read late']);
});

test('what must be written down is written behind all reads, and who waits for it sends in the same turn', async () => {
  const done: string[] = [];
  const written = Promise.withResolvers<void>();
  const read = (what: string) => ({
    read: () => {
      done.push(`read ${what}`);
      void written.promise.then(() => flushAtTurnEnd({ flush: () => void done.push(`sent ${what}`) }));
    },
  });
  recordAtTurnEnd(() => {
    done.push('written');
    written.resolve();
  });
  readAtTurnEnd(read('a'));
  readAtTurnEnd(read('b'));
  flushAtTurnEnd({ flush: () => void done.push('sent') });
  await turn();
  expect(done).toEqual(['read a', 'read b', 'written', 'sent', 'sent a', 'sent b']);
});

test('what promises make of a read leaves in the same turn', async () => {
  const done: string[] = [];
  readAtTurnEnd({
    read: () => {
      done.push('read');
      void Promise.resolve()
        .then(() => undefined)
        .then(() => flushAtTurnEnd({ flush: () => void done.push('sent') }));
    },
  });
  await turn();
  expect(done).toEqual(['read', 'sent']);
});

test('what asks to be read or written down behind its step of a turn has the next one', async () => {
  const done: string[] = [];
  flushAtTurnEnd({
    flush: () => {
      readAtTurnEnd({ read: () => void done.push('read') });
      recordAtTurnEnd(() => void done.push('written'));
    },
  });
  recordAtTurnEnd(() => readAtTurnEnd({ read: () => void done.push('read late') }));
  await turn();
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual(['read late', 'read', 'written']);
});

test('what a promise between two steps adds is not forgotten', async () => {
  const done: string[] = [];
  recordAtTurnEnd(() => {
    void Promise.resolve().then(() => recordAtTurnEnd(() => void done.push('written late')));
  });
  await turn();
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual(['written late']);
});
