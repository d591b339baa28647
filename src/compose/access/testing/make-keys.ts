import { openKeyBook } from '../open-key-book.ts';
import { systemClock } from '../../../std/clock.ts';

/** For a test: another process that makes keys in a store and tells each. */
const [, , directory = '', count = '1'] = process.argv;
const keyStore = { directory, environment: 'test', pepper: undefined, previousPepper: undefined };
const { book, stop } = await openKeyBook({ keyStore, teams: [] }, systemClock, () => {});
for (let left = Number(count); left > 0; left -= 1) {
  const made = await book.create({ team: 'local', name: '', scopes: {}, expiresAtWallMs: null });
  if (!made.ok) throw new Error(made.failure.message);
  process.send?.(made.value.secret);
}
stop();
process.disconnect();
