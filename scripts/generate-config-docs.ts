/**
 * Writes `docs/configuration.md` and `second-source.schema.json` from the one schema of the configuration.
 * A test fails when they are stale; this script, run without arguments, renews them.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { configSchema } from '../src/config/config-schema.ts';
import { describeAllowed } from '../src/config/explain-issue.ts';
import { isRecord } from '../src/std/is-record.ts';

/** Where each generated file stands, from the repository's root. */
export const generatedFiles = [
  { path: 'second-source.schema.json', render: renderSchema },
  { path: 'docs/configuration.md', render: renderDocs },
] as const;

function renderSchema(): string {
  return `${JSON.stringify({ title: 'second-source.yaml', ...z.toJSONSchema(configSchema, { io: 'input' }) }, null, 2)}\n`;
}

const preface = `# Configuration

<!-- Written by scripts/generate-config-docs.ts from src/config/config-schema.ts: change the schema, then run it. -->

\`second-source up\` reads \`second-source.yaml\` of the folder in which it is started, or the file that \`--config\` names.
Every key may be left out unless its table says *required*; an empty file gives all defaults. Unknown keys are errors,
so that a misspelt limit is never silently without effect. All problems of a file are reported at once, each with file,
line and column.

Secrets never stand in the file: they are given as \`env:NAME\` (an environment variable) or \`file:PATH\` (a file that
holds the secret alone). Relative paths start from the file's own folder. Times are in milliseconds (\`…Ms\`), sizes in
bytes (\`…Bytes\`), prices in US dollars per million tokens (\`…UsdPerMtok\`).

For completion and checks in an editor, begin the file with
\`# yaml-language-server: $schema=./second-source.schema.json\`.

\`\`\`yaml
listen:
  port: 4000
endpoints:
  - id: groq
    url: https://api.groq.com/openai
    key: env:GROQ_API_KEY
    models:
      - name: llama-3.1-8b
        upstream: llama-3.1-8b-instant
  - id: rack-7
    url: http://10.0.0.7:8000
    silicon: { vendor: amd, chip: MI300X }
    failureDomains: [rack-7]
    tokenIds: true
    models:
      - name: llama-3.1-8b
        upstream: meta-llama/Llama-3.1-8B-Instruct
engines:
  - id: this-machine
    model: models/llama-3.1-8b-q4.gguf
    name: llama-3.1-8b
limits:
  concurrentRequests: 200
\`\`\`
`;

function renderDocs(): string {
  const schema: unknown = z.toJSONSchema(configSchema, { io: 'input' });
  const parts = [preface];
  for (const [name, section] of propertiesOf(schema)) parts.push(...renderSection(name, section));
  return `${parts.join('\n').trimEnd()}\n`;
}

/** A section's own keys as a table, then each section within it. */
function renderSection(path: string, schema: unknown): string[] {
  const entry = itemsOf(schema) ?? schema;
  const label = entry === schema ? path : `${path}[]`;
  const required = isRecord(entry) && Array.isArray(entry['required']) ? entry['required'] : [];
  const rows = propertiesOf(entry).map(
    ([key, value]) =>
      `| \`${key}\` | ${cell(describe(value))} | ${required.includes(key) ? '*required*' : cell(defaultOf(value))} | ${cell(textOf(value))} |`,
  );
  const inner = propertiesOf(entry).flatMap(([key, value]) =>
    propertiesOf(itemsOf(value) ?? value).length > 0 ? renderSection(`${label}.${key}`, value) : [],
  );
  return [`## \`${label}\``, '', textOf(schema), '', '| key | value | default | meaning |', '|---|---|---|---|', ...rows, '', ...inner];
}

function describe(schema: unknown): string {
  const items = itemsOf(schema);
  if (items === undefined) return describeAllowed(schema);
  return propertiesOf(items).length > 0 ? 'a list of sections' : `a list of ${describeAllowed(items)}`;
}

function propertiesOf(schema: unknown): [string, unknown][] {
  return isRecord(schema) && isRecord(schema['properties']) ? Object.entries(schema['properties']) : [];
}

function itemsOf(schema: unknown): unknown {
  return isRecord(schema) ? schema['items'] : undefined;
}

function textOf(schema: unknown): string {
  return isRecord(schema) && typeof schema['description'] === 'string' ? schema['description'] : '';
}

function defaultOf(schema: unknown): string {
  const value = isRecord(schema) ? schema['default'] : undefined;
  if (value === undefined) return '–';
  return typeof value === 'object' ? (Array.isArray(value) ? 'none' : '–') : `\`${String(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, render } of generatedFiles) writeFileSync(new URL(`../${path}`, import.meta.url), render());
}
