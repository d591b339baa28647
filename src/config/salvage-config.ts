import { configSchema, type ConfigFile } from './config-schema.ts';
import { isRecord } from '../std/is-record.ts';
import type { KeyPath } from './config-problem.ts';

export interface SalvagedConfig {
  readonly file: ConfigFile;
  /** Turns a path in `file` into the path of the same value in what was given. */
  readonly givenPath: (path: KeyPath) => KeyPath;
}

/** Sections whose entries name those of others, which might be among what is left out. */
const namesFrom: Readonly<Record<string, readonly string[]>> = {
  emulators: ['engines'],
  controlGroups: ['vendors'],
  chips: ['vendors'],
  caps: ['endpoints', 'engines', 'emulators', 'vendors', 'controlGroups'],
};

/**
 * Leaves out what the schema refused, so that the rest can be checked further in the same run. A list loses the
 * entries at fault; any other section is left out whole, because half of one would raise false alarms; and so is what
 * might name an entry that is left out.
 */
export function salvageConfig(given: unknown, refused: readonly KeyPath[]): SalvagedConfig | undefined {
  if (!isRecord(given)) return undefined;
  const kept = new Map<string, number[]>();
  const sections: [string, unknown][] = [];
  for (const [section, value] of Object.entries(given)) {
    const paths = refused.filter(([first]) => first === section);
    const wholly =
      paths.some((path) => typeof path[1] !== 'number') || refused.some(([first]) => namesFrom[section]?.includes(String(first)) === true);
    if (wholly) continue;
    if (!Array.isArray(value)) {
      sections.push([section, value]);
      continue;
    }
    const indices = [...value.keys()].filter((index) => !paths.some((path) => path[1] === index));
    kept.set(section, indices);
    sections.push([section, indices.map((index): unknown => value[index])]);
  }
  const parsed = configSchema.safeParse(Object.fromEntries(sections));
  if (!parsed.success) return undefined;
  return {
    file: parsed.data,
    givenPath: ([section, index, ...rest]) => {
      if (section === undefined || index === undefined) return section === undefined ? [] : [section];
      const original = typeof index === 'number' ? kept.get(String(section))?.[index] : undefined;
      return [section, original ?? index, ...rest];
    },
  };
}
