import { canonicalJson } from '../std/canonical-json.ts';
import type { Applied } from '../admin/overlay/config-desk.ts';
import type { Config } from '../config/config-schema.ts';

/** Takes some sections of a configuration into use while the gateway runs. */
export interface LiveSections {
  readonly sections: readonly (keyof Config)[];
  readonly use: (config: Config) => Promise<void> | void;
}

/** What a running gateway takes over; the first of several processes tells it to those that serve. */
export const liveSections = [
  'endpoints',
  'teams',
  'budgets',
  'prices',
  'routing',
  'vendors',
  'controlGroups',
  'chips',
  'caps',
  'dependence',
  'webhooks',
] as const satisfies readonly (keyof Config)[];

/** The configuration that is in use. What no part can take over while the gateway runs waits for its next start. */
export class LiveConfig {
  readonly #started: Config;
  readonly #live: readonly LiveSections[];
  readonly #begun = Promise.withResolvers<void>();
  #current: Config;
  #working: Promise<unknown>;

  constructor(started: Config, live: readonly LiveSections[]) {
    this.#started = started;
    this.#current = started;
    this.#live = live;
    this.#working = this.#begun.promise;
  }

  /** The first is in use; whoever brought another before that has waited. */
  begun(): void {
    this.#begun.resolve();
  }

  /** One after another, so that the last one that came is the one in use. */
  use(next: Config): Promise<Applied> {
    const take = (): Promise<Applied> => this.#take(next);
    const used = this.#working.then(take);
    this.#working = used.catch(() => {});
    return used;
  }

  async #take(next: Config): Promise<Applied> {
    for (const { sections, use } of this.#live) if (sections.some((name) => differs(this.#current, next, name))) await use(next);
    this.#current = next;
    const taken = new Set<string>(this.#live.flatMap(({ sections }) => sections));
    return { needsRestart: sectionsOf(next).filter((name) => !taken.has(name) && differs(this.#started, next, name)) };
  }
}

function sectionsOf(config: Config): readonly (keyof Config)[] {
  const names: (keyof Config)[] = [];
  for (const name in config) if (isSection(config, name)) names.push(name);
  return names;
}

function isSection(config: Config, name: string): name is keyof Config {
  return Object.hasOwn(config, name);
}

function differs(one: Config, other: Config, name: keyof Config): boolean {
  return canonicalJson(one[name]) !== canonicalJson(other[name]);
}
