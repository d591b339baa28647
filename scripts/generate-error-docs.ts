/** Writes `docs/errors.md` from the error catalogue. A test fails when it is stale; this script renews it. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { errorCatalogue } from '../src/std/error-catalogue.ts';

export const errorDocsPath = 'docs/errors.md';

const preface = `# Errors

<!-- Written by scripts/generate-error-docs.ts from src/std/error-catalogue.ts: change the catalogue, then run it. -->

Every error of the API is one of these, in OpenAI's form (\`{"error":{"message","type","param","code"}}\`), so its SDKs
throw their typed exceptions. \`x-should-retry\` always tells an SDK whether to come again. An endpoint's own words, host
and key never reach a client; an endpoint's trouble is never told as the client's fault.

Once an answer has begun, an error comes inside the stream as an unnamed \`data: {"error":…}\` event, without \`[DONE]\`,
and the connection is reset.

| code | status | retry | cause | what to do |
|---|---|---|---|---|
`;

export function renderErrorDocs(): string {
  const rows = Object.entries(errorCatalogue).map(
    ([code, { status, retryable, cause, whatToDo }]) => `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${cause} | ${whatToDo} |`,
  );
  return `${preface}${rows.join('\n')}\n`;
}

if (import.meta.main) writeFileSync(fileURLToPath(new URL(`../${errorDocsPath}`, import.meta.url)), renderErrorDocs());
