/** The packages of a lockfile, as far as checks and lists of them need them. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const entrySchema = z.object({
  version: z.string().optional(),
  license: z.string().optional(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  link: z.boolean().optional(),
  dev: z.boolean().optional(),
  devOptional: z.boolean().optional(),
  optional: z.boolean().optional(),
  peer: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
});
const lockfileSchema = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), entrySchema) });
const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** `required`: serves; `optional`: the embedded engine and other systems' binaries; `development`: never installed to serve. */
export type PackageUse = 'required' | 'optional' | 'development';

export interface LockedPackage {
  /** Where npm puts it: `node_modules/a/node_modules/b`. */
  readonly place: string;
  readonly name: string;
  readonly version: string | undefined;
  readonly licence: string | undefined;
  readonly integrity: string | undefined;
  readonly resolved: string | undefined;
  /** Whether it is a folder of this repository, put in the place of a package. */
  readonly isOwn: boolean;
  readonly use: PackageUse;
  readonly hasInstallScript: boolean;
}

export function readManifest(folder: string): Manifest {
  return manifestSchema.parse(JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')));
}

export function readLockfile(folder: string): readonly LockedPackage[] {
  const { packages } = lockfileSchema.parse(JSON.parse(readFileSync(`${folder}/package-lock.json`, 'utf8')));
  return Object.entries(packages)
    .filter(([place]) => place !== '')
    .map(([place, entry]) => ({
      place,
      name: place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version,
      licence: entry.license,
      integrity: entry.integrity,
      resolved: entry.resolved,
      isOwn: entry.link === true || place.includes('/packages/'),
      use:
        entry.dev === true ? 'development' : entry.optional === true || entry.devOptional === true || entry.link === true ? 'optional' : 'required',
      hasInstallScript: entry.hasInstallScript === true,
    }));
}
