import { dirname, resolve } from 'node:path';
import { configSchema, type Config } from './config-schema.ts';
import { explainIssue } from './explain-issue.ts';
import { failure, success, type Result } from '../std/result.ts';
import { isRecord } from '../std/is-record.ts';
import { locator, type CommandLineConfig } from './locate-value.ts';
import { misfitProblem, originOf, overlaySource } from './overlay-origin.ts';
import { overlaid, type OverlayEntry } from './overlay-entries.ts';
import { parseConfigFile, type ParsedConfigFile } from './parse-config-file.ts';
import { resolveConfig } from './resolve-config.ts';
import { salvageConfig } from './salvage-config.ts';
import type { ConfigProblem } from './config-problem.ts';
import type { ConfigSurroundings } from './config-surroundings.ts';

export interface LoadOptions {
  /** The chips that can be emulated. */
  readonly profileNames: readonly string[];
  /** What the command line adds: lists are appended to the file's, keys of `listen` and `control` and single values replace the file's. */
  readonly overlay?: CommandLineConfig;
  /** What the control API changed, laid over all this. */
  readonly changed?: readonly OverlayEntry[];
}

/** A file with more is most likely another file; looking each one up in it would take long. */
const mostProblems = 100;

/**
 * Reads a configuration. Without a path, or where the file is empty, everything has its default. All problems of a
 * file (up to a hundred) are reported at once, in the order of the file. `readFile` gives a file's text or throws.
 */
export function loadConfig(
  path: string | undefined,
  env: ConfigSurroundings['env'],
  readFile: ConfigSurroundings['readFile'],
  options: LoadOptions = { profileNames: [] },
): Result<Config, ConfigProblem[]> {
  const loaded = loadConfigParts(path, env, readFile, options);
  return loaded.ok ? success(loaded.value.config) : loaded;
}

/** A configuration with what it came from. */
export interface LoadedConfig {
  readonly config: Config;
  /** File and command line, as they were written. */
  readonly given: unknown;
  /** The same with what the control API changed. */
  readonly whole: unknown;
}

export function loadConfigParts(
  path: string | undefined,
  env: ConfigSurroundings['env'],
  readFile: ConfigSurroundings['readFile'],
  options: LoadOptions,
): Result<LoadedConfig, ConfigProblem[]> {
  const file = readConfigFile(path, readFile);
  if (!file.ok) return file;
  const overlay = options.overlay ?? {};
  const changed = options.changed ?? [];
  const given = merge(file.value.value, overlay);
  const laid = overlaid(given, changed);
  if (!laid.ok) return failure([misfitProblem(laid.failure)]);
  const merged = changed.length === 0 ? given : laid.value.value;
  const locateGiven = locator(path, file.value, overlay);
  const locate: typeof locateGiven = (keys, at) => {
    const origin = originOf(keys, given, merged, changed);
    return origin.kind === 'overlay' ? { source: overlaySource(origin.entry), position: undefined } : locateGiven(origin.path, at);
  };
  const parsed = configSchema.safeParse(merged);
  const problems: ConfigProblem[] = [];
  const folder = path === undefined ? '.' : dirname(path);
  const around: ConfigSurroundings = { env, readFile, profileNames: options.profileNames, resolvePath: (relative) => resolve(folder, relative) };
  if (parsed.success) {
    const config = resolveConfig(parsed.data, around, (keys, problem) => problems.push({ ...locate(keys, 'value'), path: keys, ...problem }));
    return problems.length === 0 ? success({ config, given, whole: merged }) : failure(inOrder(problems));
  }
  for (const { path: keys, at, what, fix } of parsed.error.issues
    .slice(0, mostProblems)
    .flatMap((issue) => explainIssue(issue, merged))
    .slice(0, mostProblems)) {
    problems.push({ ...locate(keys, at), path: keys, what, fix });
  }
  // With more than can be shown, not all faults are known, and the rest could not be told from what is sound.
  const salvaged =
    problems.length < mostProblems
      ? salvageConfig(
          merged,
          problems.map(({ path: keys }) => keys),
        )
      : undefined;
  if (salvaged !== undefined) {
    resolveConfig(salvaged.file, around, (keys, problem) => {
      const givenPath = salvaged.givenPath(keys);
      problems.push({ ...locate(givenPath, 'value'), path: givenPath, ...problem });
    });
  }
  return failure(inOrder(problems));
}

function readConfigFile(path: string | undefined, readFile: (path: string) => string): Result<ParsedConfigFile, ConfigProblem[]> {
  if (path === undefined) return success({ value: undefined, positionOf: () => undefined });
  let text: string;
  try {
    text = readFile(path);
  } catch {
    return failure([
      {
        source: path,
        position: undefined,
        path: [],
        what: 'this file cannot be read',
        fix: 'Create it, make it readable for this user, or correct the path.',
      },
    ]);
  }
  return parseConfigFile(path, text);
}

function merge(file: unknown, overlay: CommandLineConfig): unknown {
  if (file === undefined) return overlay;
  if (!isRecord(file)) return file;
  const sections = (['listen', 'control'] as const).flatMap((name) => {
    const [given, more] = [file[name], overlay[name]];
    return more === undefined ? [] : [[name, isRecord(given) ? { ...given, ...more } : (given ?? more)] as const];
  });
  const processes = overlay.processes === undefined ? {} : { processes: overlay.processes };
  return {
    ...file,
    ...Object.fromEntries(sections),
    ...processes,
    ...appended(file, 'endpoints', overlay.endpoints),
    ...appended(file, 'engines', overlay.engines),
  };
}

function appended(file: Record<string, unknown>, section: string, extra: readonly unknown[] | undefined): Record<string, unknown> {
  if (extra === undefined || extra.length === 0) return {};
  const given = file[section];
  return { [section]: given === undefined ? extra : Array.isArray(given) ? [...given, ...extra] : given };
}

function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const place = ({ position }: ConfigProblem): number =>
    position === undefined ? Number.MAX_SAFE_INTEGER : position.line * 100_000 + position.column;
  return problems.toSorted((a, b) => place(a) - place(b));
}
