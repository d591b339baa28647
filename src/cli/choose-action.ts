import { nearestName } from '../std/nearest-name.ts';
import { usageProblem } from './cli-problem.ts';

/** The word after a command's name, or the first action where there is none. */
export function chooseAction<Action extends string>(command: string, actions: readonly [Action, ...Action[]], word: string | undefined): Action {
  if (word === undefined) return actions[0];
  const found = actions.find((name) => name === word);
  if (found !== undefined) return found;
  const near = nearestName(word, actions);
  throw usageProblem(
    `There is no \`${command} ${word}\`. ${near === undefined ? `Give one of ${actions.join(', ')}.` : `Did you mean \`${command} ${near}\`?`}`,
  );
}

/** A word that an action needs. */
export function needed(word: string | undefined, what: string): string {
  if (word === undefined || word === '') throw usageProblem(what);
  return word;
}
