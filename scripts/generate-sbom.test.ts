import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cycloneDx, licenceDocsPath, renderLicenceDocs } from './generate-sbom.ts';

test('S35: docs/third-party.md lists what the lockfiles install (run scripts/generate-sbom.ts to renew it)', () => {
  expect(readFileSync(new URL(`../${licenceDocsPath}`, import.meta.url), 'utf8')).toBe(renderLicenceDocs());
});

test('S35: the bill of materials names each package once, with its licence and hash', () => {
  const bom = cycloneDx();
  expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
  const components = Array.isArray(bom['components']) ? bom['components'] : [];
  expect(components.length).toBeGreaterThan(50);
  expect(new Set(components.map((one) => one['bom-ref'])).size).toBe(components.length);
  for (const one of components) {
    expect(one.purl).toMatch(/^pkg:npm\/(?:%40[^/@]+\/)?[^/@]+@\d/);
    expect(one.licenses).toHaveLength(1);
    expect(one.hashes[0].content).toMatch(/^[0-9a-f]{128}$/);
  }
});
