import type { Clock } from '../../std/clock.ts';
import type { Siblings } from '../../gateway/siblings.ts';

/** A process that is too busy to answer by then is shown as one that did not. */
const answerWithinMs = 2000;

export type Processes = Pick<Siblings, 'count' | 'endpointOf' | 'transport'>;

/** Asks one of several processes by its private socket. Undefined where it does not answer in time, or not with success. */
export function askProcess(processes: Processes, index: number, method: 'GET' | 'POST', path: string, clock: Clock): Promise<string | undefined> {
  return new Promise((resolve) => {
    const parts: Uint8Array[] = [];
    let succeeded = false;
    const call = processes.transport.send(
      processes.endpointOf(index),
      { method, path, headers: {}, body: method === 'POST' ? new Uint8Array() : undefined, onFreshConnection: true },
      {
        onHead: (status) => {
          succeeded = status === 200;
        },
        onData: (bytes) => void parts.push(bytes),
        onEnd: () => answered(succeeded ? Buffer.concat(parts).toString('utf8') : undefined),
        onError: () => answered(undefined),
      },
    );
    const cancel = clock.after(answerWithinMs, () => {
      call.abort();
      resolve(undefined);
    });
    const answered = (text: string | undefined): void => {
      cancel();
      resolve(text);
    };
  });
}

/** Asks all side by side; those that did not answer are left out. */
export async function askProcesses(processes: Processes, method: 'GET' | 'POST', path: string, clock: Clock): Promise<readonly string[]> {
  const asked = Array.from({ length: processes.count }, (_, index) => askProcess(processes, index, method, path, clock));
  return (await Promise.all(asked)).flatMap((text) => text ?? []);
}
