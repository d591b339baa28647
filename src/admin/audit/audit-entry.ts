import { hash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../std/canonical-json.ts';

/** Where the chain begins: the hash before the first entry. */
export const beginning = '0'.repeat(64);

const hex = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 hash in hexadecimal');

/** One line of the audit log: who did what to what, from where, and what it was before and after. Secrets are never in it. */
export const auditEntrySchema = z.strictObject({
  seq: z.int().min(1),
  at: z.iso.datetime(),
  actor: z.strictObject({ kind: z.string(), name: z.string(), role: z.string(), address: z.string() }),
  action: z.string(),
  target: z.string(),
  outcome: z.enum(['done', 'refused', 'failed']),
  before: z.json(),
  after: z.json(),
  note: z.string().nullable(),
  previous: hex,
  hash: hex,
});

export type AuditEntry = z.infer<typeof auditEntrySchema>;

export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

/** Covers the entry and, by `previous`, all before it. */
export function hashOf(entry: Omit<AuditEntry, 'hash'> & { readonly hash?: string }): string {
  return hash('sha256', `${entry.previous}\n${canonicalJson({ ...entry, hash: undefined })}`, 'hex');
}

export function lineOf(entry: AuditEntry): string {
  return canonicalJson(entry);
}

/** Undefined for what is no entry, or is written otherwise than entries are. */
export function readLine(line: string): AuditEntry | undefined {
  try {
    const entry = auditEntrySchema.safeParse(JSON.parse(line));
    return entry.success && lineOf(entry.data) === line ? entry.data : undefined;
  } catch {
    return undefined;
  }
}
