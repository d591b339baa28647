import type { Fault } from '../std/error-catalogue.ts';
import { isJsonObject } from './read-json-object.ts';
import { invalidField } from './request-fault.ts';
import type { Path } from './request-fault.ts';
import type { RequestLimits } from './request-limits.ts';

const encoder = new TextEncoder();

/** Engines compile schemas to automata, so a large or deep one stalls them for all (S17). Undefined passes. */
export function checkJsonSchema(schema: unknown, path: Path, limits: RequestLimits): Fault | undefined {
  if (schema === undefined) return undefined;
  if (isDeeperThan(schema, limits.schemaDepth)) {
    return invalidField(path, `a JSON schema may be nested at most ${limits.schemaDepth} levels deep`);
  }
  // The scan has bounded the depth, so that stringifying cannot exhaust the stack. Only the size is of interest.
  const bytes = encoder.encode(JSON.stringify(schema)).length;
  return bytes > limits.schemaBytes ? invalidField(path, `a JSON schema may have at most ${limits.schemaBytes} bytes`) : undefined;
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (!Array.isArray(value) && !isJsonObject(value)) return false;
  if (levels === 0) return true;
  return (Array.isArray(value) ? value : Object.values(value)).some((member) => isDeeperThan(member, levels - 1));
}
