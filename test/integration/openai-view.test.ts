import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openAiClientDocsPath, renderOpenAiClientDocs } from '../../scripts/generate-openai-client-docs.ts';
import { openAiViews } from '../support/openai-view.ts';

test('docs/openai-client.md is what the SDK does (run scripts/generate-openai-client-docs.ts to renew it)', async () => {
  const page = readFileSync(new URL(`../../${openAiClientDocsPath}`, import.meta.url), 'utf8');
  expect(await renderOpenAiClientDocs()).toBe(page);
});

test('the SDK throws on every failure, and comes again only where the gateway says so', async () => {
  for (const view of await openAiViews()) {
    expect(view).not.toMatchObject({ thrown: 'nothing' });
    expect([view.name, view.requests]).toEqual([view.name, view.shouldRetry === 'true' ? 3 : 1]);
    // What an endpoint's trouble costs is never told as the client's fault: 401 and 403 are of this gateway's keys only.
    if (view.name.startsWith('the endpoint') && view.status !== 400) expect(view.status ?? 500).toBeGreaterThanOrEqual(500);
  }
});
