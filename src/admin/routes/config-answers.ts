import { z } from 'zod';
import { answered, type ControlOutcome } from '../control-route.ts';
import type { ConfigChanged } from '../overlay/config-desk.ts';
import type { Fault } from '../../std/error-catalogue.ts';
import type { Fields } from '../../http/field-lines.ts';
import type { Result } from '../../std/result.ts';

export const changedSchema = z.strictObject({
  version: z.number().describe('Of overlay and file together; send it as `if-match` with the next change.'),
  needsRestart: z.array(z.string()).readonly().describe('Sections that differ from what runs and wait for a new start.'),
});

/** What is answered to whoever changed the configuration. */
export function changeOutcome(done: Result<ConfigChanged, Fault>): ControlOutcome<z.infer<typeof changedSchema>> {
  if (!done.ok) return { kind: 'fault', fault: done.failure };
  const { version, needsRestart } = done.value;
  return answered({ version, needsRestart }, { etag: etagOf(version) });
}

export function etagOf(version: number): string {
  return `"${version}"`;
}

/** The version that `if-match` names; undefined without one. Anything else than a version matches none. */
export function expectedVersion(headers: Fields): number | undefined {
  const given = headers['if-match'];
  if (given === undefined || given === '*') return undefined;
  const [, digits] = /^"(\d{1,15})"$/.exec(typeof given === 'string' ? given : '') ?? [];
  return digits === undefined ? -1 : Number(digits);
}
