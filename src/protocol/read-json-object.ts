import type { Fault } from '../std/error-catalogue.ts';
import { failure, success } from '../std/result.ts';
import type { Result } from '../std/result.ts';
import { scanJson } from './scan-json.ts';
import type { ScanLimits, ScannedJson } from './scan-json.ts';

// The scan has refused a byte order mark at the start; one inside a string is text.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** A JSON object for reading. Own properties only: a key such as `__proto__` is one of them and changes nothing. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Scans before it parses: JSON.parse takes any depth and hides duplicate keys (security requirement S16). */
export function readJsonObject(bytes: Uint8Array, limits: ScanLimits): Result<{ readonly scanned: ScannedJson; readonly body: JsonObject }, Fault> {
  const scanned = scanJson(bytes, limits);
  if (!scanned.ok) return failure({ code: 'invalid_json', detail: scanned.failure.what });
  const body: unknown = scanned.value.kind === 'object' ? JSON.parse(decoder.decode(bytes)) : undefined;
  if (!isJsonObject(body)) return failure({ code: 'invalid_json', detail: 'The body is JSON, but not an object.' });
  return success({ scanned: scanned.value, body });
}
