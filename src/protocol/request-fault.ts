import type { z } from 'zod';
import type { Fault } from '../std/error-catalogue.ts';

/** Of a parameter's name in an error: names may be the client's own, of any length. */
const PARAM_CHARACTERS = 200;

export type Path = readonly PropertyKey[];

/** `messages[0].content[1].type`: how OpenAI's errors name a field. */
export function dottedPath(path: Path): string {
  const dotted = path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`)).join('');
  return dotted.length > PARAM_CHARACTERS ? `${dotted.slice(0, PARAM_CHARACTERS)}…` : dotted;
}

/** A field that is missing, of the wrong type or out of range. `problem` completes "`field` is not valid: …." */
export function invalidField(path: Path, problem: string): Fault {
  const param = dottedPath(path);
  return { code: 'invalid_request', param, detail: `\`${param}\` is not valid: ${problem}.` };
}

/** A field that is refused by name, whatever its value (security requirements S8 and S17). */
export function refusedField(path: Path): Fault {
  const param = dottedPath(path);
  return { code: 'unsupported_parameter', param, detail: `\`${param}\` is not accepted by this gateway.` };
}

interface Problem {
  readonly path: Path;
  readonly text: string;
  /** A wrong type is what every other branch of a union says too; anything else is nearer to what was meant. */
  readonly isTypeOnly: boolean;
}

/** The first issue as an error of OpenAI's form. zod names types and bounds, never the client's values (S31). */
export function faultOfIssues(error: z.ZodError): Fault {
  const [issue] = error.issues;
  if (issue === undefined) return { code: 'invalid_request' };
  const { path, text } = problemOf(issue, []);
  return invalidField(path, text);
}

function problemOf(issue: z.core.$ZodIssue, parent: Path): Problem {
  const path = [...parent, ...issue.path];
  if (issue.code !== 'invalid_union') {
    const text = issue.message.replace(/^(?:Invalid input|Too small|Too big): /, '');
    return { path, text, isTypeOnly: issue.code === 'invalid_type' };
  }
  const problems = issue.errors.flatMap(([first]) => (first === undefined ? [] : [problemOf(first, path)]));
  const [nearest] = problems.toSorted((left, right) => right.path.length - left.path.length || Number(left.isTypeOnly) - Number(right.isTypeOnly));
  if (nearest === undefined) return { path, text: 'it is missing or not one of the known values', isTypeOnly: false };
  if (!nearest.isTypeOnly || nearest.path.length > path.length) return nearest;
  return { path, text: problems.map((problem) => problem.text).join(', or '), isTypeOnly: true };
}
