import { randomBytes } from 'node:crypto';
import { KeyBook } from '../../access/key-book.ts';
import { KeyFile } from './key-file.ts';
import { keySecrets } from './peppers.ts';
import { localTenant } from '../../access/caller.ts';
import { StartProblem } from '../start-problem.ts';
import { TeamBook } from '../../access/team-book.ts';
import { tenantMarksBy } from '../../upstream/tenant-marks.ts';
import type { Clock } from '../../std/clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { TenantMark } from '../../protocol/profiles/mark-tenant.ts';

export interface OpenKeyBook {
  readonly teams: TeamBook;
  readonly book: KeyBook;
  /** What stands for a team upstream. The one that stands without teams has none: it shares with nobody. */
  readonly tenantMark: (tenant: string) => TenantMark | undefined;
  readonly stop: () => void;
}

/** Opens the store of keys and follows it. Each process of a gateway has a book of its own over the one file. */
export async function openKeyBook(
  { keyStore, teams }: Pick<Config, 'keyStore' | 'teams'>,
  clock: Clock,
  say: (message: string) => void,
): Promise<OpenKeyBook> {
  const file = new KeyFile(keyStore.directory, clock);
  const teamBook = new TeamBook(teams);
  const content = await file.read();
  if (!content.ok) throw new StartProblem(content.failure);
  const secrets = keySecrets(keyStore);
  const book = new KeyBook({ store: file, secrets, teams: teamBook, clock, environment: keyStore.environment });
  book.adopt(content.value);
  const peppers = new Set(secrets.digests('').map(({ pepper }) => pepper));
  const lost = content.value.keys.filter(
    ({ revokedAtWallMs, versions }) => revokedAtWallMs === null && !versions.some(({ pepper }) => peppers.has(pepper)),
  );
  if (lost.length > 0)
    say(
      `${lost.length} key${lost.length === 1 ? ' was' : 's were'} made under another pepper and cannot be checked: name that as \`keyStore.previousPepper\`, or restore the file \`pepper\`.`,
    );
  const stop = file.watch((now, why) => {
    if (now === 'unreadable') say(`${why} Until then no key of a team is let in.`);
    book.adopt(now);
  });
  // A digest under the pepper is as secret as the pepper, and tells nothing of it.
  const markOf = tenantMarksBy(secrets.digests('second-source tenant marks')[0]?.digest ?? randomBytes(32));
  const tenantMark = (tenant: string): TenantMark | undefined => (tenant === localTenant ? undefined : markOf(tenant));
  return { teams: teamBook, book, tenantMark, stop };
}
