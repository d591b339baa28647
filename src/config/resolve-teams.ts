import { join } from 'node:path';
import { readSecret } from './read-secret.ts';
import { take, type Report } from './report.ts';
import type { ConfigFile, KeyStoreConfig } from './config-schema.ts';
import type { ConfigSurroundings } from './config-surroundings.ts';
import type { Team } from '../access/team-book.ts';

/** As many as a guesser cannot go through: 32 hexadecimal digits are 128 bits. */
const leastPepperCharacters = 32;

export function resolveTeams(teams: ConfigFile['teams'], report: Report): readonly Team[] {
  const seen = new Map<string, number>();
  return teams.map(({ id, name = id, approvals, scopes }, index) => {
    const first = seen.get(id);
    if (first === undefined) seen.set(id, index);
    else report(['teams', index, 'id'], { what: `teams[${first}] has the same id`, fix: 'Give each team an id of its own.' });
    return { id, name, approvals, scopes };
  });
}

export function resolveKeyStore({ keyStore, ledger }: ConfigFile, around: ConfigSurroundings, report: Report): KeyStoreConfig {
  const { directory, environment } = keyStore;
  const read = (name: 'pepper' | 'previousPepper'): string | undefined => {
    const reference = keyStore[name];
    if (reference === undefined) return undefined;
    const pepper = take(readSecret(reference, around), ['keyStore', name], report);
    if (pepper !== undefined && pepper.length < leastPepperCharacters)
      report(['keyStore', name], {
        what: `holds fewer than ${leastPepperCharacters} characters`,
        fix: 'Draw a longer one, with `openssl rand -hex 32` for instance.',
      });
    return pepper;
  };
  const [pepper, previousPepper] = [read('pepper'), read('previousPepper')];
  if (pepper !== undefined && pepper === previousPepper)
    report(['keyStore', 'previousPepper'], { what: 'is the same as `pepper`', fix: 'Remove it, or give the one that was used before.' });
  return { directory: around.resolvePath(directory ?? join(ledger.directory, 'keys')), environment, pepper, previousPepper };
}
