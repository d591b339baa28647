import { RollingCounts } from './rolling-counts.ts';

/** More than this part of a deployment's answers without a word is no accident (fault 66). */
const mostEmpty = 0.05;
/** Fewer answers than this say nothing about a part of them. */
const leastAnswers = 20;
const windowSeconds = 60;

/**
 * How often each deployment ends an answer with `stop` and not a word in it. One such answer is legal and passes; when
 * they become many, something is broken there, and another endpoint is asked instead.
 */
export class EmptyAnswers {
  /** By deployment: no more than the fleet has. */
  readonly #counts = new Map<string, RollingCounts<'all' | 'empty'>>();

  /** Counts one whole answer; `too-many` where it is empty and one of too many. */
  heard(deploymentId: string, how: 'said' | 'empty', nowMs: number): 'passes' | 'too-many' {
    let counts = this.#counts.get(deploymentId);
    if (counts === undefined) {
      counts = new RollingCounts(['all', 'empty'], windowSeconds);
      this.#counts.set(deploymentId, counts);
    }
    counts.add('all', nowMs);
    if (how === 'said') return 'passes';
    counts.add('empty', nowMs);
    const all = counts.total('all', nowMs);
    return all >= leastAnswers && counts.total('empty', nowMs) > mostEmpty * all ? 'too-many' : 'passes';
  }

  forget(deploymentId: string): void {
    this.#counts.delete(deploymentId);
  }
}
