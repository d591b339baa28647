import { isTimeZone } from '../budget/calendar.ts';
import { nearestName } from '../std/nearest-name.ts';
import type { ConfigFile } from './config-schema.ts';
import type { Limits, LimitRules } from '../budget/limits.ts';
import type { Report } from './report.ts';

type BudgetsFile = ConfigFile['budgets'];

export interface BudgetConfig extends LimitRules {
  readonly answerTokens: number;
  readonly mediaTokens: number;
}

/** The limits by whom they hold for. Each team and key may stand once: two entries would leave open which of them holds. */
export function resolveBudgets(file: BudgetsFile, teamIds: readonly string[], report: Report): BudgetConfig {
  const { timeZone, whole, eachTeam, eachKey, answerTokens, mediaTokens } = file;
  if (!isTimeZone(timeZone))
    report(['budgets', 'timeZone'], { what: 'is no time zone that is known here', fix: 'Give an IANA name, such as `UTC` or `Europe/Berlin`.' });
  for (const [index, { team }] of file.teams.entries()) {
    if (teamIds.includes(team)) continue;
    const near = nearestName(team, teamIds);
    const fix = near === undefined ? 'Add the team under `teams`, or remove its budget.' : `Did you mean \`${near}\`?`;
    report(['budgets', 'teams', index, 'team'], { what: 'no team has this id', fix });
  }
  return {
    timeZone,
    whole: limits(whole),
    eachTeam: limits(eachTeam),
    eachKey: limits(eachKey),
    teams: byName(
      file.teams.map(({ team, ...own }) => [team, limits(own)]),
      'teams',
      'team',
      report,
    ),
    keys: byName(
      file.keys.map(({ key, ...own }) => [key, limits(own)]),
      'keys',
      'key',
      report,
    ),
    answerTokens,
    mediaTokens,
  };
}

/** A limit that was left out is there as undefined. */
function limits(given: BudgetsFile['whole']): Limits {
  const { usdPerDay, usdPerMonth, tokensPerDay, tokensPerMonth, requestsPerMinute, tokensPerMinute, concurrentRequests } = given;
  return { usdPerDay, usdPerMonth, tokensPerDay, tokensPerMonth, requestsPerMinute, tokensPerMinute, concurrentRequests };
}

function byName(
  entries: readonly (readonly [string, Limits])[],
  section: 'teams' | 'keys',
  word: 'team' | 'key',
  report: Report,
): ReadonlyMap<string, Limits> {
  const found = new Map<string, Limits>();
  for (const [index, [name, own]] of entries.entries()) {
    if (found.has(name)) {
      const first = entries.findIndex(([other]) => other === name);
      report(['budgets', section, index, word], { what: `${section}[${first}] is of the same ${word}`, fix: 'Keep one entry with all its limits.' });
    }
    found.set(name, own);
  }
  return found;
}
