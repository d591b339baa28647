import { engineProfiles } from './engine-profiles.ts';
import { plainProfile, type Profile } from './profile.ts';
import { translatedProfiles } from './translated-profiles.ts';
import { vendorProfiles } from './vendor-profiles.ts';

export const allProfiles: readonly Profile[] = [plainProfile, ...vendorProfiles, ...engineProfiles, ...translatedProfiles];

const byName: ReadonlyMap<string, Profile> = new Map(allProfiles.map((profile) => [profile.name, profile]));

/** The profile of this name; the plain one where nobody named any. */
export function profileNamed(name: string | undefined): Profile {
  return (name === undefined ? undefined : byName.get(name)) ?? plainProfile;
}
