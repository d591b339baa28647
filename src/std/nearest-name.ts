/** The name that `given` was most likely meant to be, or undefined where none is near enough to suggest. */
export function nearestName(given: string, names: Iterable<string>): string | undefined {
  // Longer text is no misspelt name, and the distance costs length × length.
  if (given.length > 64) return undefined;
  const allowed = Math.max(1, Math.floor(given.length / 3));
  let best: string | undefined;
  let bestDistance = allowed + 1;
  for (const name of names) {
    const distance = editDistance(given.toLowerCase().replaceAll('_', ''), name.toLowerCase().replaceAll('_', ''));
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** Damerau's distance with adjacent swaps: insertions, deletions, replacements and swaps each count one. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length] ?? 0;
}
