import { CliProblem } from '../cli-problem.ts';
import { exitCodes } from '../exit-codes.ts';
import { fleetFileSchema, type FleetFile } from '../../simulate/fleet-file.ts';
import { formatConfigProblem, type ConfigProblem } from '../../config/config-problem.ts';
import { parseConfigFile } from '../../config/parse-config-file.ts';

/** Reads a fleet to simulate. Throws a `CliProblem` that names each fault with file, line and key. */
export function loadFleet(path: string, readFile: (path: string) => string): FleetFile {
  let text: string;
  try {
    text = readFile(path);
  } catch {
    throw problem([
      { source: path, position: undefined, path: [], what: 'this file cannot be read', fix: 'Correct the path; `docs/simulate.md` has an example.' },
    ]);
  }
  const parsed = parseConfigFile(path, text);
  if (!parsed.ok) throw problem(parsed.failure);
  const read = fleetFileSchema.safeParse(parsed.value.value ?? {});
  if (!read.success)
    throw problem(
      read.error.issues.slice(0, 20).flatMap((issue) => {
        const keys = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
        const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...keys, key]) : [keys];
        return paths.map((where) => ({
          source: path,
          position: parsed.value.positionOf(where, issue.code === 'unrecognized_keys' ? 'key' : undefined),
          path: where,
          what: issue.code === 'unrecognized_keys' ? 'there is no such key here' : issue.message.replace(/\.$/, ''),
          fix: '`docs/simulate.md` says what can stand here.',
        }));
      }),
    );
  const unknown = read.data.faults.flatMap(({ target }, index): ConfigProblem[] => {
    const known = namesBy(read.data, target.by);
    return known.includes(target.name)
      ? []
      : [
          {
            source: path,
            position: parsed.value.positionOf(['faults', index, 'target', 'name']),
            path: ['faults', index, 'target', 'name'],
            what: `there is no ${target.by} of that name`,
            fix: `There are: ${known.slice(0, 10).join(', ')}.`,
          },
        ];
  });
  if (unknown.length > 0) throw problem(unknown);
  return read.data;
}

function namesBy({ pools }: FleetFile, by: 'replica' | 'pool' | 'vendor'): readonly string[] {
  switch (by) {
    case 'vendor':
      return [...new Set(pools.map(({ vendor }) => vendor))];
    case 'pool':
      return pools.map(({ id }) => id);
    case 'replica':
      return pools.flatMap(({ id, replicas }) => Array.from({ length: replicas }, (_, index) => `${id}-${index}`));
  }
}

function problem(problems: readonly ConfigProblem[]): CliProblem {
  return new CliProblem(problems.map(formatConfigProblem).join('\n'), exitCodes.usage);
}
