/**
 * Writes `docs/openai-client.md`: what the real OpenAI SDK makes of every kind of failure. Each is brought about over
 * real sockets in front of the gateway, none is written by hand. A test fails when the page is stale; this renews it.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openAiViews, type OpenAiView } from '../test/support/openai-view.ts';

export const openAiClientDocsPath = 'docs/openai-client.md';

const preface = `# What the OpenAI SDK makes of a failure

<!-- Written by scripts/generate-openai-client-docs.ts, which brings each failure about: run it to renew this page. -->

The \`openai\` package for Node with its default settings (two retries) in front of this gateway with one endpoint.
*requests* is how many the gateway got for one call. The SDK comes again by itself only where \`x-should-retry\` says
so: where nothing was spent and waiting may help. Once an answer has begun there are no headers any more, so the error
comes inside the stream, and the SDK throws it as an \`APIError\` without a status.

| failure | the SDK throws | status | code | \`x-should-retry\` | \`retry-after\` | requests |
|---|---|---|---|---|---|---|
`;

function row({ name, thrown, status, code, shouldRetry, waits, requests }: OpenAiView): string {
  const cells = [name, `\`${thrown}\``, status ?? '–', code === undefined ? '–' : `\`${code}\``, shouldRetry ?? '–', waits ? 'yes' : '–', requests];
  return `| ${cells.join(' | ')} |`;
}

export async function renderOpenAiClientDocs(): Promise<string> {
  return `${preface}${(await openAiViews()).map(row).join('\n')}\n`;
}

if (import.meta.main) writeFileSync(fileURLToPath(new URL(`../${openAiClientDocsPath}`, import.meta.url)), await renderOpenAiClientDocs());
