import { fittingTo } from './fitting-to.ts';
import { approved } from '../policy/choose-deployments.ts';
import { buildUpstreamBody, type ClientBody } from '../protocol/build-upstream-body.ts';
import { count } from '../protocol/read-usage.ts';
import { isRecord } from '../std/is-record.ts';
import type { AccessRules } from '../access/access-rules.ts';
import type { RelayDependencies } from './relay-request.ts';

const answerBytes = 4096;
const timeoutMs = 2000;

/**
 * Asks an endpoint that can count, and may see it, for the tokens of a chat request's prompt. Undefined where none of the model's can,
 * or where it does not tell in time: a count is not worth a failover, since a guess stands in for it.
 */
export function countPrompt(
  model: string,
  rules: AccessRules | undefined,
  body: ClientBody,
  { fleet, transport, clock }: Pick<RelayDependencies, 'fleet' | 'transport' | 'clock'>,
): Promise<number | undefined> {
  const counter = approved(fleet.candidates(), rules).find(
    ({ endpoint, deployment, state }) => deployment.model === model && state === 'ready' && endpoint.countsPrompts === true,
  );
  if (counter === undefined) return Promise.resolve(undefined);
  const { endpoint, deployment } = counter;
  return new Promise((resolve) => {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    let isFine = false;
    const end = (counted: number | undefined): void => {
      cancel();
      call.abort();
      resolve(counted);
    };
    const cancel = clock.after(timeoutMs, () => end(undefined));
    const request = {
      method: 'POST',
      path: '/chat/completions/input_tokens',
      body: buildUpstreamBody(body, deployment.upstreamModel, false, fittingTo(endpoint, body, undefined)),
    } as const;
    const call = transport.send(endpoint, request, {
      onHead: (status) => {
        isFine = status === 200;
      },
      onData: (part) => {
        bytes += part.length;
        if (bytes > answerBytes) return end(undefined);
        parts.push(part);
      },
      onEnd: () => end(isFine ? readCount(Buffer.concat(parts).toString('utf8')) : undefined),
      onError: () => end(undefined),
    });
  });
}

function readCount(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? count(value['input_tokens']) : undefined;
  } catch {
    return undefined;
  }
}
