import { plainProfile } from '../protocol/profiles/profile.ts';
import { profileNamed } from '../protocol/profiles/profile-named.ts';
import { refusedMember } from '../protocol/profiles/refused-member.ts';
import { RequestView } from '../protocol/profiles/request-view.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { InferenceRequest } from '../protocol/inference-request.ts';
import type { Refused } from '../policy/choose-deployments.ts';
import type { Route } from './relay-request.ts';

/**
 * Says of each endpoint what of a request it does not take, by its profile. Nothing of the body is read until an
 * endpoint with quirks is asked about, and each profile is asked once a request.
 */
export function refusedBy(
  route: Route,
  { bytes, scanned }: Pick<InferenceRequest, 'bytes' | 'scanned'>,
): (endpoint: Endpoint) => Refused | undefined {
  let view: RequestView | undefined;
  let known: Map<string, Refused | undefined> | undefined;
  return ({ profile: name }) => {
    if (name === undefined) return undefined;
    const profile = profileNamed(name);
    if (!profile.routes.includes(route)) return { what: 'route' };
    if (profile.request === plainProfile.request) return undefined;
    known ??= new Map();
    if (known.has(name)) return known.get(name);
    view ??= new RequestView(bytes, scanned);
    const path = refusedMember(profile, view);
    const refused = path === undefined ? undefined : ({ what: 'member', path } as const);
    known.set(name, refused);
    return refused;
  };
}
