import { join } from 'node:path';
import { nearestName } from '../std/nearest-name.ts';
import type { ConfigFile } from './config-schema.ts';
import type { ConfigSurroundings } from './config-surroundings.ts';
import type { KeyPath } from './config-problem.ts';
import type { Report } from './report.ts';

type RoutingFile = ConfigFile['routing'];
type Objective = RoutingFile['objective'];

interface Wish {
  readonly slo: string | undefined;
  readonly objective: Objective | undefined;
}

export interface RoutingConfig {
  readonly rules: {
    readonly whole: { readonly slo: string | undefined; readonly objective: Objective };
    readonly classes: ReadonlyMap<string, SloClassConfig>;
    readonly models: ReadonlyMap<string, Wish>;
    readonly teams: ReadonlyMap<string, Wish>;
    readonly keys: ReadonlyMap<string, Wish>;
  };
  readonly storedProfiles: { readonly file: string; readonly everyMs: number };
  readonly gaugesEveryMs: number;
}

interface SloClassConfig {
  readonly name: string;
  readonly ttftMs: number | undefined;
  readonly tpotMs: number | undefined;
  readonly totalMs: number | undefined;
  readonly degradeTo: ReadonlyMap<string, string>;
}

/** The classes and who is in which. Names must exist and stand once, and stand-ins must come to an end. */
export function resolveRouting(
  { routing, ledger }: ConfigFile,
  teamIds: readonly string[],
  around: ConfigSurroundings,
  report: Report,
): RoutingConfig {
  const classes = byName(routing.sloClasses, 'name', ['routing', 'sloClasses'], report);
  const known = [...classes.keys()];
  checkClass(routing.slo, known, ['routing', 'slo'], report);
  for (const section of ['models', 'teams', 'keys'] as const)
    for (const [index, { slo }] of routing[section].entries()) checkClass(slo, known, ['routing', section, index, 'slo'], report);
  for (const [index, { team }] of routing.teams.entries()) {
    if (teamIds.includes(team)) continue;
    report(['routing', 'teams', index, 'team'], {
      what: 'no team has this id',
      fix: fixOf(team, teamIds, 'Add the team under `teams`, or remove this.'),
    });
  }
  return {
    rules: {
      whole: { slo: routing.slo, objective: routing.objective },
      classes: new Map(
        routing.sloClasses.map((given, index) => [given.name, sloClass(given, ['routing', 'sloClasses', index, 'degradeTo'], report)]),
      ),
      models: wishes(byName(routing.models, 'model', ['routing', 'models'], report)),
      teams: wishes(byName(routing.teams, 'team', ['routing', 'teams'], report)),
      keys: wishes(byName(routing.keys, 'key', ['routing', 'keys'], report)),
    },
    storedProfiles: {
      file: around.resolvePath(routing.storedProfiles.file ?? join(ledger.directory, 'profiles.json')),
      everyMs: routing.storedProfiles.everyMs,
    },
    gaugesEveryMs: routing.gaugesEveryMs,
  };
}

function sloClass({ name, ttftMs, tpotMs, totalMs, degradeTo }: RoutingFile['sloClasses'][number], path: KeyPath, report: Report): SloClassConfig {
  const standIns = new Map<string, string>();
  for (const [index, { model, to }] of degradeTo.entries()) {
    const first = degradeTo.findIndex((other) => other.model === model);
    if (first !== index) report([...path, index, 'model'], { what: `degradeTo[${first}] is for the same model`, fix: 'Keep one of the two.' });
    else standIns.set(model, to);
    const cycle = cycleFrom(model, standIns);
    // Told where it closes, and once.
    if (cycle === undefined) continue;
    report([...path, index, 'to'], {
      what: `goes round in a cycle: ${cycle.join(' → ')}`,
      fix: 'Take one of them out: whatever stands in last has nobody to stand in for it.',
    });
    standIns.delete(model);
  }
  return { name, ttftMs, tpotMs, totalMs, degradeTo: standIns };
}

/** The models from one back to itself; undefined where its stand-ins come to an end. */
function cycleFrom(model: string, standIns: ReadonlyMap<string, string>): readonly string[] | undefined {
  const path = [model];
  for (let next = standIns.get(model); next !== undefined; next = standIns.get(next)) {
    path.push(next);
    if (next === model) return path;
    if (path.length > standIns.size + 1) return undefined;
  }
  return undefined;
}

function byName<Field extends string, Entry extends Readonly<Record<Field, string>>>(
  entries: readonly Entry[],
  field: Field,
  path: KeyPath,
  report: Report,
): ReadonlyMap<string, Entry> {
  const found = new Map<string, Entry>();
  for (const [index, entry] of entries.entries()) {
    const name = entry[field];
    if (found.has(name)) {
      const first = entries.findIndex((other) => other[field] === name);
      report([...path, index, field], {
        what: `${path.at(-1)?.toString()}[${first}] has the same ${field}`,
        fix: 'Keep one entry with all that holds.',
      });
    } else found.set(name, entry);
  }
  return found;
}

function wishes(
  entries: ReadonlyMap<string, { readonly slo?: string | undefined; readonly objective?: Objective | undefined }>,
): ReadonlyMap<string, Wish> {
  return new Map([...entries].map(([name, { slo, objective }]) => [name, { slo, objective }]));
}

function checkClass(name: string | undefined, known: readonly string[], path: KeyPath, report: Report): void {
  if (name === undefined || known.includes(name)) return;
  report(path, { what: 'no SLO class has this name', fix: fixOf(name, known, 'Add the class under `routing.sloClasses`, or remove this.') });
}

function fixOf(name: string, known: readonly string[], withoutNear: string): string {
  const near = nearestName(name, known);
  return near === undefined ? withoutNear : `Did you mean \`${near}\`?`;
}
