export interface Minimum {
  readonly point: readonly number[];
  readonly value: number;
}

/** Nelder and Mead's simplex (1965): a local minimum of a function that nobody can differentiate, the same every time. */
export function nelderMead(
  evaluate: (point: readonly number[]) => number,
  start: readonly number[],
  sizes: readonly number[],
  evaluations: number,
): Minimum {
  let left = evaluations;
  const at = (point: readonly number[]): Minimum => {
    left -= 1;
    return { point, value: evaluate(point) };
  };
  let simplex = [at(start), ...sizes.map((size, axis) => at(start.map((value, index) => (index === axis ? value + size : value))))];
  while (left > 0) {
    simplex = simplex.toSorted((a, b) => a.value - b.value);
    const [best] = simplex;
    const worst = simplex.at(-1);
    if (best === undefined || worst === undefined) break;
    const others = simplex.slice(0, -1);
    const centre = start.map((_, axis) => others.reduce((sum, { point }) => sum + (point[axis] ?? 0), 0) / others.length);
    const along = (part: number): Minimum => at(centre.map((value, axis) => value + part * ((worst.point[axis] ?? 0) - value)));
    const mirrored = along(-1);
    const next = others.at(-1)?.value ?? best.value;
    if (mirrored.value < best.value) {
      const further = along(-2);
      simplex = [...others, further.value < mirrored.value ? further : mirrored];
    } else if (mirrored.value < next) simplex = [...others, mirrored];
    else {
      const nearer = along(mirrored.value < worst.value ? -0.5 : 0.5);
      if (nearer.value < Math.min(mirrored.value, worst.value)) simplex = [...others, nearer];
      else simplex = [best, ...simplex.slice(1).map(({ point }) => at(point.map((value, axis) => (value + (best.point[axis] ?? 0)) / 2)))];
    }
  }
  return simplex.reduce((best, found) => (found.value < best.value ? found : best));
}
