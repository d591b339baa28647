import { z } from 'zod';

/** A whole number within bounds; `z.int()` alone would print bounds of ±2^53 in the docs. */
export function wholeNumber(least: number, most: number): z.ZodInt {
  return z.int().min(least).max(most);
}

/** Ids appear in paths of the control API and in headers, hence the narrow alphabet. */
export const identifier = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a name of at most 64 letters, digits, dots, hyphens and underscores');

/** Where a secret is found. A secret itself never stands in the file. */
export const secretReference = z
  .string()
  .max(4096)
  .regex(/^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/, '`env:NAME` for an environment variable or `file:PATH` for a file that holds it');

/** OpenRouter's names, as requests give them. */
export const quantization = z.enum(['int4', 'int8', 'fp4', 'fp6', 'fp8', 'fp16', 'bf16', 'fp32']);

/** One printable line: such names stand in response headers and logs. */
export const word = z.string().regex(/^[\x20-\x7e]{1,128}$/, 'one line of at most 128 printable ASCII characters');
