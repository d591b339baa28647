import { emulatorProfiles } from '../emulate/profiles.ts';
import { loadConfigParts } from '../config/load-config.ts';
import type { CliIo } from './cli-io.ts';
import type { CommandLineConfig } from '../config/locate-value.ts';
import type { ConfigSource } from '../config/config-source.ts';

/** The configuration of a file, where there is one, with what the command line adds; read again at each call. */
export function configSource(path: string | undefined, overlay: CommandLineConfig, io: CliIo): ConfigSource {
  const profileNames = [...emulatorProfiles.keys()];
  return {
    path,
    text: () => (path === undefined ? '' : io.readFile(path)),
    load: (changed) => loadConfigParts(path, io.env, io.readFile, { profileNames, overlay, changed }),
  };
}
