import { explainIssue } from './explain-issue.ts';
import { failure, success, type Result } from '../std/result.ts';
import { parseConfigFile } from './parse-config-file.ts';
import { priceTableSchema } from './price-schema.ts';
import { resolveEntries } from './resolve-entries.ts';
import type { ConfigProblem } from './config-problem.ts';
import type { ConfigSurroundings } from './config-surroundings.ts';
import type { PriceEntry } from '../budget/price-book.ts';

const mostProblems = 100;

/** Reads a table of prices. One problem is enough for none of it to hold: half a table would be wrong in silence (fault 96). */
export function readPriceTable(path: string, readFile: ConfigSurroundings['readFile']): Result<readonly PriceEntry[], ConfigProblem[]> {
  const whole = (what: string, fix: string): Result<never, ConfigProblem[]> => failure([{ source: path, position: undefined, path: [], what, fix }]);
  let text: string;
  try {
    text = readFile(path);
  } catch {
    return whole('this file cannot be read', 'Create it, make it readable for this user, or correct the path.');
  }
  const file = parseConfigFile(path, text);
  if (!file.ok) return file;
  const { value, positionOf } = file.value;
  if (value === undefined) return whole('is empty', 'Give a list `models`, which may be empty: `models: []`.');
  const parsed = priceTableSchema.safeParse(value);
  const problems: ConfigProblem[] = [];
  if (parsed.success) {
    const entries = resolveEntries(parsed.data.models, ['models'], (at, problem) =>
      problems.push({ source: path, position: positionOf(at), path: at, ...problem }),
    );
    return problems.length === 0 ? success(entries) : failure(problems.slice(0, mostProblems));
  }
  // A table is what stands under `prices` in the configuration, whose schema has the words for what is allowed.
  for (const issue of parsed.error.issues.slice(0, mostProblems)) {
    for (const { path: at, at: part, what, fix } of explainIssue({ ...issue, path: ['prices', ...issue.path] }, { prices: value })) {
      const own = at.slice(1);
      problems.push({ source: path, position: positionOf(own, part === 'key' ? 'key' : undefined), path: own, what, fix });
    }
  }
  return failure(problems.slice(0, mostProblems));
}
