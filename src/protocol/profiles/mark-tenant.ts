import type { Edits } from '../edit-object.ts';
import type { TenantQuirks } from './profile.ts';

/** What stands for a tenant upstream, where its id must never be seen (security requirement S22). */
export interface TenantMark {
  /** Keeps a tenant's prompts apart from others' in a prefix cache, whose speed would tell that somebody sent the same. */
  readonly salt: string;
  /** Stands for a name that the client gave: the same name of the same tenant is always the same. */
  readonly hidden: (given: string) => string;
}

/** Adds to the edits of a request what keeps its tenant apart from others that share the endpoint's account. */
export function markTenant(edits: Edits, textOf: (name: string) => string | undefined, { adds, hides }: TenantQuirks, mark: TenantMark): void {
  for (const name of hides) {
    const given = textOf(name);
    if (given !== undefined && given !== 'null') edits.set(name, JSON.stringify(mark.hidden(given)));
  }
  if (adds !== undefined && !edits.has(adds)) edits.set(adds, JSON.stringify(mark.salt));
}
