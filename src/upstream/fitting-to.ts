import { profileNamed } from '../protocol/profiles/profile-named.ts';
import type { ClientBody } from '../protocol/build-upstream-body.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { TenantMark } from '../protocol/profiles/mark-tenant.ts';
import type { Fitting } from '../protocol/profiles/fit-request.ts';

const hints = ['"cache_control"', '"reasoning_'].map((text) => Buffer.from(text));

/** What a request must be fitted to for one endpoint. The search for hints is a look at the bytes, not at the JSON. */
export function fittingTo({ profile, extensions }: Endpoint, { bytes, isUsual }: ClientBody, tenantMark: TenantMark | undefined): Fitting {
  if (isUsual === true) return { profile: profileNamed(profile), extensions, carriesHints: false, tenantMark };
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { profile: profileNamed(profile), extensions, carriesHints: hints.some((hint) => all.includes(hint)), tenantMark };
}

/** What parts the prefix cache that a continuation by token ids meets there; undefined where nothing does. */
export function cacheSaltFor({ profile }: Endpoint, tenantMark: TenantMark | undefined): string | undefined {
  return profileNamed(profile).request.tenants?.adds === 'cache_salt' ? tenantMark?.salt : undefined;
}
