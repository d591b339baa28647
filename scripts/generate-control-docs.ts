/**
 * Writes `docs/control-openapi.json` and `docs/control-api.md` from the route table of the control API. A test fails when
 * they are stale; this script, run without arguments, renews them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { controlRoutes } from '../src/admin/routes/control-routes.ts';
import { describeApi } from '../src/admin/api/describe-api.ts';
import { productVersion } from '../src/cli/product-version.ts';

/** Where each generated file stands, from the repository's root. */
export const generatedFiles = [
  { path: 'docs/control-openapi.json', render: renderDescription },
  { path: 'docs/control-api.md', render: renderTable },
] as const;

function renderDescription(): string {
  return `${JSON.stringify(describeApi(controlRoutes, productVersion({ readFile: (path) => readFileSync(path, 'utf8') })), null, 2)}\n`;
}

const preface = `# The routes of the control API

<!-- Written by scripts/generate-control-docs.ts from src/admin/routes/: change the routes, then run it. -->

[control.md](control.md) says who may use them and how. What they take and answer stands in [control-openapi.json](control-openapi.json),
which a running gateway also serves at \`/control/v1/openapi.json\`. \`role\` is the least that may call a route.

| method | path | role | what it does |
|---|---|---|---|
`;

function renderTable(): string {
  const rows = controlRoutes.map(({ method, path, role, summary }) => `| ${method} | \`${path}\` | ${role} | ${summary.replaceAll('|', '\\|')} |`);
  return `${preface}${rows.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, render } of generatedFiles) writeFileSync(new URL(`../${path}`, import.meta.url), render());
}
