/**
 * Lists what the product is made of, from the lockfiles (security requirement S35). Run, it writes
 * `docs/third-party.md`, which a test keeps fresh; with `--sbom` it prints a CycloneDX 1.6 bill of materials instead.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readLockfile, readManifest, type LockedPackage } from './read-lockfile.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
export const licenceDocsPath = 'docs/third-party.md';

/** All that is installed to serve, each package once: the gateway's own, the engine's, and what the page is built of. */
function shipped(): readonly LockedPackage[] {
  const all = ['.', 'web'].flatMap((folder) => readLockfile(`${root}/${folder}`));
  const kept = all.filter(({ use, isOwn, version }) => use !== 'development' && !isOwn && version !== undefined);
  const distinct = new Map(kept.map((one) => [`${one.name}@${one.version}`, one]));
  return [...distinct.values()].toSorted((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

/** A package URL: a scope's `@` is written `%40`. */
function purlOf({ name, version }: LockedPackage): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
}

export function cycloneDx(): Record<string, unknown> {
  const { name, version, license } = readManifest(root);
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name, version, licenses: [{ license: { id: license } }] } },
    components: shipped().map((one) => ({
      type: 'library',
      'bom-ref': purlOf(one),
      name: one.name,
      version: one.version,
      scope: one.use,
      purl: purlOf(one),
      ...(one.licence === undefined
        ? {}
        : { licenses: [one.licence.includes(' ') ? { expression: one.licence } : { license: { id: one.licence } }] }),
      ...(one.integrity === undefined
        ? {}
        : { hashes: [{ alg: 'SHA-512', content: Buffer.from(one.integrity.replace('sha512-', ''), 'base64').toString('hex') }] }),
    })),
  };
}

export function renderLicenceDocs(): string {
  const rows = shipped();
  const counted = (use: LockedPackage['use']): number => rows.filter((row) => row.use === use).length;
  return `# Third-party packages

<!-- Written by scripts/generate-sbom.ts from the lockfiles: run it after a change of theirs. -->

${counted('required')} packages are needed to serve. ${counted('optional')} more are optional: the embedded engine's library, binaries for other systems, Node itself. \`npm run --silent sbom\` prints all of them with their hashes as CycloneDX 1.6.

| package | version | licence | |
|---|---|---|---|
${rows.map(({ name, version, licence, use }) => `| \`${name}\` | ${version} | ${licence ?? 'not said'} | ${use} |`).join('\n')}
`;
}

if (import.meta.main) {
  if (process.argv.includes('--sbom')) console.log(JSON.stringify(cycloneDx(), undefined, 2));
  else writeFileSync(`${root}/${licenceDocsPath}`, renderLicenceDocs());
}
