import type { ConfigProblem } from './config-problem.ts';
import type { LoadedConfig } from './load-config.ts';
import type { OverlayEntry } from './overlay-entries.ts';
import type { Result } from '../std/result.ts';

/** Where a configuration comes from, for as long as the gateway runs. */
export interface ConfigSource {
  /** Undefined where there is no file. */
  readonly path: string | undefined;
  /** The file's text as it is now; throws where it cannot be read. */
  readonly text: () => string;
  /** Reads the file as it is now, with these changes laid over it, and checks the whole. */
  readonly load: (changed: readonly OverlayEntry[]) => Result<LoadedConfig, readonly ConfigProblem[]>;
}
