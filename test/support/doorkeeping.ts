import { KeyBook } from '../../src/access/key-book.ts';
import { TeamBook, type Team } from '../../src/access/team-book.ts';
import type { Clock } from '../../src/std/clock.ts';
import type { Doorkeeping } from '../../src/gateway/authenticate.ts';

export interface DoorkeepingOptions {
  /** Keys of the configuration itself. */
  readonly keys?: readonly string[];
  readonly teams?: readonly Team[];
  /** Keys of teams; without it there are none. */
  readonly book?: KeyBook;
}

/** Who is let in by a gateway under test. */
export function doorkeeping(clock: Clock, { keys = [], teams = [], book }: DoorkeepingOptions): Doorkeeping {
  const listenKeys = keys.map((key, index) => ({ id: `listen-${index + 1}`, key }));
  const teamBook = new TeamBook(teams);
  return { listenKeys, teams: teamBook, book: book ?? emptyBook(teamBook, clock), clock };
}

function emptyBook(teams: TeamBook, clock: Clock): KeyBook {
  const isNone = { ok: false, failure: { kind: 'store-unavailable', message: 'There is no store.' } } as const;
  const secrets = { random: () => {}, digests: () => [], isEqual: () => false };
  const book = new KeyBook({ store: { change: () => Promise.resolve(isNone) }, secrets, teams, clock, environment: 'test' });
  book.adopt({ format: 1, revision: 0, keys: [] });
  return book;
}
