import { oneFailure } from '../fleet/health-effect.ts';
import { classifyStatus } from './classify-failure.ts';
import { classifyTransportError } from './classify-transport-error.ts';
import { failure, success, type Result } from '../std/result.ts';
import { isRecord } from '../std/is-record.ts';
import type { AttemptFailure } from '../policy/attempt-failure.ts';
import type { Clock } from '../std/clock.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Transport } from './transport.ts';

const answerBytes = 4 * 1024 * 1024;
const timeoutMs = 5000;

/** Asks an endpoint for its models, by the names that it uses itself. */
export function discoverModels(endpoint: Endpoint, transport: Transport, clock: Clock): Promise<Result<readonly string[], AttemptFailure>> {
  return new Promise((resolve) => {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    let status = 0;
    const end = (result: Result<readonly string[], AttemptFailure>): void => {
      cancel();
      call.abort();
      resolve(result);
    };
    const wrong = (what: string): void => end(failure({ class: 'upstream-fault', fault: { code: 'upstream_malformed' }, what, health: oneFailure }));
    const cancel = clock.after(timeoutMs, () =>
      end(
        failure({
          class: 'maybe-executed',
          fault: { code: 'upstream_timeout' },
          what: `no list of models within ${timeoutMs / 1000} s`,
          health: oneFailure,
        }),
      ),
    );
    const call = transport.send(
      endpoint,
      { method: 'GET', path: '/models', body: undefined },
      {
        onHead: (given) => {
          status = given;
        },
        onData: (part) => {
          bytes += part.length;
          if (bytes > answerBytes) return wrong('its list of models is over 4 MiB');
          parts.push(part);
        },
        onEnd: () => {
          const text = Buffer.concat(parts).toString('utf8');
          if (status !== 200) return end(failure(classifyStatus(status, {}, text)));
          const names = readModelNames(text);
          return names === undefined ? wrong('its /models is no list in OpenAI’s form') : end(success(names));
        },
        onError: (error) => end(failure(classifyTransportError(error, status !== 0))),
      },
    );
  });
}

function readModelNames(text: string): readonly string[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value) || !Array.isArray(value['data'])) return undefined;
  return value['data'].flatMap((model: unknown) => (isRecord(model) && typeof model['id'] === 'string' ? [model['id']] : []));
}
