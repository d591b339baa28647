import { formatConfigProblem } from '../config/config-problem.ts';
import { join } from 'node:path';
import { lockControl } from './control-lock.ts';
import { readOverlay, type Overlay } from '../admin/overlay/overlay-file.ts';
import { StartProblem } from './start-problem.ts';
import { StateFile } from '../admin/state/state-file.ts';
import type { Config } from '../config/config-schema.ts';
import type { ConfigSource } from '../config/config-source.ts';
import type { LoadedConfig } from '../config/load-config.ts';

/** A configuration with what the control API changed of it before. */
export interface OpenedConfig {
  readonly source: ConfigSource;
  readonly file: StateFile;
  readonly overlay: Overlay;
  readonly loaded: LoadedConfig;
  /** Lets another gateway have this state. */
  readonly release: () => void;
}

/** Lays what the control API changed over the configuration. `finish`: what is added after that, such as the demo. */
export function openConfig({ control }: Config, given: ConfigSource, finish: (config: Config) => Config): OpenedConfig {
  const lock = lockControl(control.directory);
  try {
    return { ...opened(control.directory, given, finish), release: lock.release };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function opened(directory: string, given: ConfigSource, finish: (config: Config) => Config): Omit<OpenedConfig, 'release'> {
  const source: ConfigSource = {
    ...given,
    load: (changed) => {
      const loaded = given.load(changed);
      return loaded.ok ? { ok: true, value: { ...loaded.value, config: finish(loaded.value.config) } } : loaded;
    },
  };
  const file = new StateFile(join(directory, 'overlay.json'));
  const overlay = read(file);
  const loaded = source.load(overlay.entries);
  if (!loaded.ok) throw new StartProblem(loaded.failure.map(formatConfigProblem).join('\n'));
  return { source, file, overlay, loaded: loaded.value };
}

function read(file: StateFile): Overlay {
  try {
    return readOverlay(file);
  } catch {
    throw new StartProblem(
      `The file ${file.path} holds what the control API changed, and it cannot be read as that. Restore it from a copy, or move it away to start without.`,
    );
  }
}

/** For a gateway whose configuration was made by a program: nothing of it can be changed. */
export function fixedSource(config: Config): ConfigSource {
  return { path: undefined, text: () => '', load: () => ({ ok: true, value: { config, given: {}, whole: {} } }) };
}
