import { isRecord } from '../std/is-record.ts';
import type { ConfigInput } from './config-schema.ts';
import type { ConfigProblem, KeyPath } from './config-problem.ts';
import type { ParsedConfigFile } from './parse-config-file.ts';

/** What the command line adds. */
export type CommandLineConfig = Pick<ConfigInput, 'listen' | 'control' | 'processes' | 'endpoints' | 'engines'>;

type Locate = (path: KeyPath, at: 'key' | 'value') => Pick<ConfigProblem, 'source' | 'position'>;

/** Knows for each value whether the file or the command line gave it. */
export function locator(path: string | undefined, file: ParsedConfigFile, overlay: CommandLineConfig): Locate {
  const fromFile = (section: string): number => {
    const list = isRecord(file.value) ? file.value[section] : undefined;
    return Array.isArray(list) ? list.length : 0;
  };
  return (keys, at) => {
    const [section = '', second] = keys;
    const inOverlay =
      typeof second === 'number'
        ? (section === 'endpoints' || section === 'engines') && second >= fromFile(section)
        : section === 'processes'
          ? overlay.processes !== undefined
          : (section === 'listen' || section === 'control') && second !== undefined && Object.hasOwn(overlay[section] ?? {}, second);
    if (path === undefined || inOverlay) return { source: 'command line', position: undefined };
    return { source: path, position: file.positionOf(keys, at === 'key' ? 'key' : undefined) };
  };
}
