import { canonicalJson } from '../../std/canonical-json.ts';
import { baseOf, isWithin, withChange, type OverlayChange } from './edit-overlay.ts';
import { exportConfig } from '../../config/export-config.ts';
import { failure, success, type Result } from '../../std/result.ts';
import { formatConfigProblem } from '../../config/config-problem.ts';
import { mostEntries, writeOverlay, type Overlay, type StoredEntry } from './overlay-file.ts';
import { valueAtName, whyFixed } from '../../config/overlay-entries.ts';
import type { Actor } from '../actor.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { Clock } from '../../std/clock.ts';
import type { Config } from '../../config/config-schema.ts';
import type { ConfigSource } from '../../config/config-source.ts';
import type { EventHub } from '../events/event-hub.ts';
import type { Fault } from '../../std/error-catalogue.ts';
import type { LoadedConfig } from '../../config/load-config.ts';
import type { StateFile } from '../state/state-file.ts';

/** What came of a configuration that was taken into use. */
export interface Applied {
  /** Sections that differ from what runs and wait for a new start. */
  readonly needsRestart: readonly string[];
}

export interface ConfigDeskParts {
  readonly source: ConfigSource;
  readonly file: Pick<StateFile, 'write'>;
  readonly overlay: Overlay;
  readonly loaded: LoadedConfig;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly events: Pick<EventHub, 'emit'>;
  readonly clock: Clock;
  /** Takes a configuration into use, without ending what runs. */
  readonly apply: (config: Config) => Promise<Applied>;
}

export interface ConfigChanged extends Applied {
  readonly version: number;
}

export interface EntryView extends StoredEntry {
  /** What the file says there now. */
  readonly given: unknown;
  /** Whether that is something else than when the entry was made. */
  readonly fileChanged: boolean;
}

/**
 * Changes the configuration while it runs: the file is the base, what was changed here lies over it. Each change is
 * checked as a whole by the schema of the file, noted in the audit log, kept, and only then taken into use.
 */
export class ConfigDesk {
  readonly #parts: ConfigDeskParts;
  #overlay: Overlay;
  #loaded: LoadedConfig;
  #working: Promise<unknown> = Promise.resolve();

  constructor(parts: ConfigDeskParts) {
    this.#parts = parts;
    this.#overlay = parts.overlay;
    this.#loaded = parts.loaded;
  }

  get version(): number {
    return this.#overlay.version;
  }

  /** What is in use, resolved. */
  get inUse(): Config {
    return this.#loaded.config;
  }

  /** What is in use, as it would stand in a file. */
  get whole(): unknown {
    return this.#loaded.whole;
  }

  at(name: string): unknown {
    return valueAtName(this.#loaded.whole, name);
  }

  entries(): readonly EntryView[] {
    const { given } = this.#loaded;
    return this.#overlay.entries.map((entry) => {
      const value = valueAtName(given, entry.name);
      return { ...entry, given: value ?? null, fileChanged: baseOf(value) !== entry.base };
    });
  }

  /** The file with all changes written into it. */
  exported(): Result<string, Fault> {
    const { source } = this.#parts;
    const text = exportConfig(source.path === undefined ? '' : source.text(), this.#overlay.entries);
    return text.ok ? text : failure(refusal(`overlay entry ${text.failure.entry.name}: ${text.failure.what}.`));
  }

  /** `expected`: the version that was read before, where whoever changes it says so. */
  change(actor: Actor, changes: readonly OverlayChange[], expected: number | undefined): Promise<Result<ConfigChanged, Fault>> {
    return this.#inTurn(async () => {
      if (expected !== undefined && expected !== this.version) return failure({ code: 'version_changed' });
      let entries: readonly StoredEntry[] = this.#overlay.entries;
      const who = { atWallMs: this.#parts.clock.wallMs(), by: actor.name };
      for (const change of changes) {
        const fixed = whyFixed(change.name);
        if (fixed !== undefined) return failure(refusal(`\`${change.name}\` ${fixed}.`));
        const changed = withChange(this.#loaded.given, entries, change, who);
        if (!changed.ok) return failure(refusal(`\`${change.name}\` ${changed.failure}.`));
        entries = changed.value;
      }
      return this.#take(
        actor,
        'config.change',
        changes.map(({ name }) => name),
        entries,
      );
    });
  }

  /** Drops entries, so that the file says again what holds; all where no name is given. */
  reset(actor: Actor, name: string | undefined, expected: number | undefined): Promise<Result<ConfigChanged, Fault>> {
    return this.#inTurn(async () => {
      if (expected !== undefined && expected !== this.version) return failure({ code: 'version_changed' });
      const { entries } = this.#overlay;
      const left = name === undefined ? [] : entries.filter((entry) => !isWithin(entry, name));
      if (name !== undefined && left.length === entries.length)
        return failure({ code: 'no_such_entry', detail: 'The overlay has no entry of this name.' });
      return this.#take(actor, 'config.reset', [name ?? 'everything'], left);
    });
  }

  /** Reads the file again. One that is wrong, alone or together with the overlay, changes nothing. */
  reload(actor: Actor): Promise<Result<ConfigChanged, Fault>> {
    return this.#inTurn(() => this.#take(actor, 'config.reload', [this.#parts.source.path ?? 'no file'], this.#overlay.entries));
  }

  async #take(actor: Actor, action: string, names: readonly string[], entries: readonly StoredEntry[]): Promise<Result<ConfigChanged, Fault>> {
    const { source, file, audit, events, apply } = this.#parts;
    const target = names.join(', ').slice(0, 256);
    if (entries.length > mostEntries) return failure(refusal(`The overlay would have more than ${mostEntries} entries: export it, and reset.`));
    const loaded = source.load(entries);
    if (!loaded.ok) {
      const problems = loaded.failure.map(formatConfigProblem);
      await audit.append({ actor, action, target, outcome: 'refused', note: problems.join(' ').slice(0, 2000) });
      return failure(refusal(problems.slice(0, 10).join(' ')));
    }
    const difference = differences(this.#loaded.whole, loaded.value.whole);
    await audit.append({ actor, action, target, ...difference });
    const before = this.#overlay;
    const overlay = { format: 1 as const, version: this.version + 1, entries: [...entries] };
    await writeOverlay(file, overlay);
    const applied = await apply(loaded.value.config).catch((error: unknown) => String(error instanceof Error ? error.message : error));
    if (typeof applied === 'string') {
      await writeOverlay(file, before);
      await apply(this.#loaded.config);
      await audit.append({ actor, action, target, outcome: 'failed', note: applied });
      return failure(refusal(`It could not be taken into use: ${applied}`));
    }
    this.#overlay = overlay;
    this.#loaded = loaded.value;
    events.emit('config', { version: overlay.version, action, names, by: actor.name, needsRestart: applied.needsRestart });
    return success({ version: overlay.version, ...applied });
  }

  #inTurn<Value>(run: () => Promise<Value>): Promise<Value> {
    const ran = this.#working.then(run);
    this.#working = ran.catch(() => {});
    return ran;
  }
}

/** The sections that differ, before and after. They hold no secrets, only where secrets are found. */
function differences(before: unknown, after: unknown): { readonly before: unknown; readonly after: unknown } {
  const sections = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  const differing = [...sections].filter((name) => canonicalJson(valueAtName(before, name)) !== canonicalJson(valueAtName(after, name)));
  const sideOf = (whole: unknown): Record<string, unknown> => Object.fromEntries(differing.map((name) => [name, valueAtName(whole, name) ?? null]));
  return { before: sideOf(before), after: sideOf(after) };
}

function refusal(detail: string): Fault {
  return { code: 'config_refused', detail };
}
