import { editObject, type Edits } from '../edit-object.ts';
import { plainProfile, type Profile } from './profile.ts';
import { markTenant, type TenantMark } from './mark-tenant.ts';
import { spliceItems } from '../json-items.ts';
import type { ScannedJson } from '../scan-json.ts';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Whom a request is fitted to. */
export interface Fitting {
  readonly profile: Profile;
  /** What the endpoint declares besides: a hint that it knows stays. */
  readonly extensions: readonly string[];
  /** Whether the body holds any hint at all; most hold none, and then no message is looked at. */
  readonly carriesHints: boolean;
  /** Whose request it is; undefined where the gateway has one tenant alone. */
  readonly tenantMark: TenantMark | undefined;
}

/**
 * Adds to the edits of a request what an endpoint of this profile needs otherwise: members by its own names, none that
 * it refuses by mere presence, no hints that it does not know. Where the profile asks for nothing, nothing is looked at.
 */
export function fitRequest(
  edits: Edits,
  bytes: Uint8Array,
  { members }: ScannedJson,
  { profile, extensions, carriesHints, tenantMark }: Fitting,
): void {
  const { request } = profile;
  const hints = carriesHints ? request.strips.filter((hint) => !extensions.includes(hint)) : [];
  if (request === plainProfile.request && hints.length === 0) return;
  const textOf = (name: string): string | undefined => {
    if (edits.has(name)) return edits.get(name);
    const span = members.get(name);
    return span === undefined ? undefined : decoder.decode(bytes.subarray(span.valueStart, span.valueEnd));
  };
  for (const refusal of request.refuses) {
    // What is still here was not refused, so its value asks for nothing.
    if (refusal.kind === 'always' && members.has(refusal.path)) edits.set(refusal.path, undefined);
  }
  if (request.tenants !== undefined && tenantMark !== undefined) markTenant(edits, textOf, request.tenants, tenantMark);
  if (request.usageUnasked) edits.set('stream_options', undefined);
  if (!members.has('messages')) return;
  for (const [from, to] of Object.entries(request.renames)) {
    const text = textOf(from);
    if (text === undefined) continue;
    edits.set(from, undefined);
    // The parser has seen to it that both say the same where both are given.
    if (text !== 'null' && !members.has(to)) edits.set(to, text);
  }
  const change: Change = { hints, developerIsSystem: request.developerIsSystem };
  if (hints.length === 0 && !request.developerIsSystem) return;
  for (const name of ['messages', 'tools']) {
    const text = textOf(name);
    if (text === undefined || !concerns(text, change)) continue;
    edits.set(name, decoder.decode(spliceItems(encoder.encode(text), (item) => fitted(item, change))));
  }
}

interface Change {
  readonly hints: readonly string[];
  readonly developerIsSystem: boolean;
}

/** Whether the text may hold anything to change: most hold nothing, and are not looked at closer. */
function concerns(text: string, { hints, developerIsSystem }: Change): boolean {
  return hints.some((hint) => text.includes(`"${hint}"`)) || (developerIsSystem && text.includes('"developer"'));
}

/** A message, tool or part without the hints and with the roles that are known; every other byte stays as it came. */
function fitted(item: Uint8Array, change: Change): Uint8Array {
  const edited = editObject(item, (members) => {
    const edits: Edits = new Map();
    for (const hint of change.hints) if (members.has(hint)) edits.set(hint, undefined);
    const role = members.get('role');
    if (change.developerIsSystem && role !== undefined && decoder.decode(role) === '"developer"') edits.set('role', '"system"');
    for (const name of ['content', 'tool_calls']) {
      const list = members.get(name);
      if (list?.[0] === 0x5b) edits.set(name, decoder.decode(spliceItems(list, (part) => fitted(part, change))));
    }
    return edits;
  });
  return edited ?? item;
}
