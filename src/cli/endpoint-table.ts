import { formatTable } from './format-table.ts';
import { siliconName } from './silicon-name.ts';
import type { EndpointStatusAnswer } from './control-answers.ts';

/** One line an endpoint. Emulated silicon is said to be so, since its tokens are not that vendor's. */
export function endpointTable(endpoints: readonly EndpointStatusAnswer[]): string {
  return formatTable(
    [
      { title: 'ENDPOINT', least: 12 },
      { title: 'STATE' },
      { title: 'SILICON', least: 14 },
      { title: 'EVIDENCE' },
      { title: 'RUNNING', align: 'right' },
      { title: 'MODELS', least: 12 },
      { title: 'LAST FAULT', least: 10 },
    ],
    endpoints.map((endpoint) => [
      endpoint.id,
      endpoint.state,
      siliconName(endpoint.vendor, endpoint.chip),
      endpoint.evidence,
      String(endpoint.running),
      endpoint.models.join(', ') || '–',
      [endpoint.avoided?.why, endpoint.lastFault?.what].filter((said) => said !== undefined).join('; ') || '–',
    ]),
  );
}
