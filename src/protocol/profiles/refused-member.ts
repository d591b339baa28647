import { asksForNothing } from './published-defaults.ts';
import type { Profile, Refusal } from './profile.ts';
import type { RequestView } from './request-view.ts';

/**
 * The first part of a request that an endpoint of this profile would refuse or not heed; undefined where it takes all
 * of it. What asks for nothing is no reason: it is taken out on the way (`fit-request.ts`).
 */
export function refusedMember(profile: Profile, view: RequestView): string | undefined {
  const { refuses, onlyMembers } = profile.request;
  if (onlyMembers !== undefined)
    for (const name of view.names()) if (!onlyMembers.includes(name) && !asksForNothing(name, view.value(name))) return name;
  return refuses.find((refusal) => view.valuesAt(refusal.path).some((value) => isRefused(refusal, value)))?.path;
}

function isRefused(refusal: Refusal, value: unknown): boolean {
  switch (refusal.kind) {
    case 'always':
      return !asksForNothing(refusal.path, value);
    case 'values':
      return typeof value === 'string' && refusal.values.includes(value);
    case 'above':
      return typeof value === 'number' && value > refusal.most;
    case 'prefix':
      return typeof value === 'string' && refusal.prefixes.some((prefix) => value.slice(0, prefix.length).toLowerCase() === prefix);
    case 'object':
      return typeof value === 'object' && value !== null;
  }
}
