import { createHmac } from 'node:crypto';
import type { TenantMark } from '../protocol/profiles/mark-tenant.ts';

/** 192 bits, and within the 64 characters that vendors allow in such fields. */
const markCharacters = 32;
/** Tenants whose marks are kept: more than one gateway has at a time. */
const marksKept = 10_000;

/** The marks of tenants by one secret: without it no mark can be traced to its tenant, nor one tenant's guessed by another. */
export function tenantMarksBy(secret: Uint8Array): (tenant: string) => TenantMark {
  const marks = new Map<string, TenantMark>();
  const digest = (purpose: string, text: string): string =>
    createHmac('sha256', secret).update(`${purpose}\0${text}`).digest('base64url').slice(0, markCharacters);
  return (tenant) => {
    const known = marks.get(tenant);
    if (known !== undefined) return known;
    const salt = digest('salt', tenant);
    const mark: TenantMark = { salt, hidden: (given) => digest('name', `${salt}\0${given}`) };
    if (marks.size >= marksKept) marks.clear();
    marks.set(tenant, mark);
    return mark;
  };
}
