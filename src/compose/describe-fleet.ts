import type { ControlListener } from './control-listener.ts';
import type { EndpointStatus } from '../fleet/fleet.ts';

/** What is printed once all is up: where to go, a line to try, and which silicon answers. */
export function describeFleet(
  url: string,
  control: Pick<ControlListener, 'url' | 'pageUrl'>,
  endpoints: readonly EndpointStatus[],
  keyed: boolean,
): readonly string[] {
  const model = endpoints.flatMap(({ models }) => models)[0] ?? 'MODEL';
  const key = keyed ? ' -H "authorization: Bearer $SECOND_SOURCE_KEY"' : '';
  return [
    '',
    `Second Source serves ${url}/v1`,
    `Control ${control.pageUrl === undefined ? 'API' : 'page'} at ${control.url}/`,
    ...endpoints.map(
      ({ id, vendor, chip, evidence, state, models }) =>
        `  ${id.padEnd(18)} ${models.join(', ') || 'no model yet'} on ${chip} (${vendor}, ${evidence})${state === 'ready' ? '' : `, ${state}`}`,
    ),
    '',
    'Try it:',
    `  curl ${url}/v1/chat/completions -H 'content-type: application/json'${key} -d '{"model":"${model}","messages":[{"role":"user","content":"What is Second Source?"}]}'`,
    '',
  ];
}
