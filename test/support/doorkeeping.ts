import { KeyBook } from '../../src/access/key-book.ts';
import { success } from '../../src/std/result.ts';
import { TeamBook, type Team } from '../../src/access/team-book.ts';
import type { Clock } from '../../src/std/clock.ts';
import type { Doorkeeping } from '../../src/gateway/authenticate.ts';

export interface DoorkeepingOptions {
  /** Keys of the configuration itself. */
  readonly keys?: readonly string[];
  readonly teams?: readonly Team[];
  /** Keys of teams; without it there are none. */
  readonly book?: KeyBook;
  /** Plain words that stand for keys of teams, where the keys themselves do not matter. */
  readonly teamKeys?: Readonly<Record<string, string>>;
}

/** Who is let in by a gateway under test. */
export function doorkeeping(clock: Clock, { keys = [], teams = [], book, teamKeys = {} }: DoorkeepingOptions): Doorkeeping {
  const listenKeys = keys.map((key, index) => ({ id: `listen-${index + 1}`, key }));
  const teamBook = new TeamBook(teams);
  const real = book ?? emptyBook(teamBook, clock);
  const admit: KeyBook['admit'] = (text) => {
    const caller = teamBook.caller(teamKeys[text] ?? 'none', text, {});
    return caller === undefined ? real.admit(text) : success({ caller, endsAtWallMs: Infinity });
  };
  const words = { admit, generation: 0, isRequired: true };
  return { listenKeys, teams: teamBook, book: Object.keys(teamKeys).length > 0 ? words : real, clock };
}

function emptyBook(teams: TeamBook, clock: Clock): KeyBook {
  const isNone = { ok: false, failure: { kind: 'store-unavailable', message: 'There is no store.' } } as const;
  const secrets = { random: () => {}, digests: () => [], isEqual: () => false };
  const book = new KeyBook({
    store: { change: () => Promise.resolve(isNone), seenByAll: () => Promise.resolve() },
    secrets,
    teams,
    clock,
    environment: 'test',
  });
  book.adopt({ format: 1, revision: 0, keys: [] });
  return book;
}
