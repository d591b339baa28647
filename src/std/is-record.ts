/** Narrows parsed JSON to an object with string keys: the first step of every reader at the edge. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
