import { readGauges, type EngineGauges } from './read-gauges.ts';
import type { Clock } from '../std/clock.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Transport } from './transport.ts';

const answerBytes = 256 * 1024;
const timeoutMs = 2000;

/** Asks an engine once for its own gauges. Undefined where it does not tell any that are known, in time and within 256 KiB. */
export function askGauges(endpoint: Endpoint, transport: Transport, clock: Clock): Promise<EngineGauges | undefined> {
  return new Promise((resolve) => {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    let status = 0;
    const end = (told: EngineGauges | undefined): void => {
      cancel();
      call.abort();
      resolve(told);
    };
    const cancel = clock.after(timeoutMs, () => end(undefined));
    const call = transport.send(
      endpoint,
      { method: 'GET', path: '', body: undefined },
      {
        onHead: (given) => {
          status = given;
        },
        onData: (part) => {
          bytes += part.length;
          if (bytes > answerBytes) return end(undefined);
          parts.push(part.slice());
        },
        onEnd: () => end(status === 200 ? readGauges(Buffer.concat(parts).toString('utf8')) : undefined),
        onError: () => end(undefined),
      },
    );
  });
}
