import type { AddressProblem } from './endpoint-address.ts';
import type { KeyPath } from './config-problem.ts';
import type { Result } from '../std/result.ts';

/** Reports that the value at a path is wrong. */
export type Report = (path: KeyPath, problem: AddressProblem) => void;

/** Gives the value of a result, or reports its failure. */
export function take<Value>(result: Result<Value, AddressProblem>, path: KeyPath, report: Report): Value | undefined {
  if (result.ok) return result.value;
  report(path, result.failure);
  return undefined;
}
