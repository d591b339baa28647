import { failure, success, type Result } from '../std/result.ts';
import { knownHost, type KnownHost } from '../fleet/known-hosts.ts';
import { profileNamed } from '../protocol/profiles/profile-named.ts';
import type { AddressProblem, ResolvedAddress } from './endpoint-address.ts';
import type { ConfigFile } from './config-schema.ts';
import type { Endpoint } from '../fleet/endpoint.ts';

type Entry = ConfigFile['endpoints'][number];

/** What an endpoint's profile gives where the file does not say otherwise. */
export interface ResolvedProfile extends Pick<Endpoint, 'dialect' | 'tokenIds' | 'prefill' | 'extensions'> {
  readonly profile: string;
  readonly gauges: string | undefined;
}

/** The base path of a URL that has none: Gemini's, Azure's and Bedrock's are not `/v1`. */
export function bareBasePath({ url, dialect }: Pick<Entry, 'url'> & Partial<Pick<Entry, 'dialect'>>): string | undefined {
  if (dialect === 'gemini') return '/v1beta';
  return URL.canParse(url) ? knownHost(new URL(url).hostname)?.basePath : undefined;
}

/** The profile that the file names, else that of the dialect, else that of the host; the file's own keys stand before it. */
export function resolveProfile(entry: Entry, { address }: ResolvedAddress, known: KnownHost | undefined): Result<ResolvedProfile, AddressProblem> {
  const name = entry.profile ?? (entry.dialect === undefined ? inferred(address.basePath, known) : ofDialect(entry.dialect, known));
  const profile = profileNamed(name);
  const dialect = entry.dialect ?? profile.dialect;
  if (dialect !== profile.dialect)
    return failure({ what: `the profile \`${profile.name}\` is one of the dialect \`${profile.dialect}\``, fix: 'Remove one of the two.' });
  return success({
    dialect,
    profile: profile.name,
    tokenIds: entry.tokenIds ?? profile.tokenIds,
    prefill: entry.prefill ?? profile.prefill,
    gauges: entry.gauges === false ? undefined : (entry.gauges ?? profile.gauges),
    extensions: entry.extensions ?? profile.extensions,
  });
}

function inferred(basePath: string, known: KnownHost | undefined): string | undefined {
  // Google serves two dialects from one host, told apart by the path.
  return known?.profile === 'gemini' && basePath.endsWith('/openai') ? 'gemini-openai' : known?.profile;
}

function ofDialect(dialect: NonNullable<Entry['dialect']>, known: KnownHost | undefined): string | undefined {
  if (dialect !== 'openai') return dialect;
  return profileNamed(known?.profile).dialect === 'openai' ? known?.profile : undefined;
}
