import type { RawAnswer } from './read-answer.ts';

/** Asks so many at once, and gives their answers to come when something of each has arrived. */
export async function begunStreams(
  count: number,
  ask: (onText: () => void, index: number) => Promise<RawAnswer>,
): Promise<readonly Promise<RawAnswer>[]> {
  const begun: Promise<void>[] = [];
  const answers = Array.from({ length: count }, (_, index) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    begun.push(promise);
    return ask(resolve, index);
  });
  await Promise.all(begun);
  return answers;
}
