import { passed } from '../gateway/pass-on.ts';
import type { Clock } from '../std/clock.ts';
import type { RouteHandler } from '../gateway/route.ts';
import type { Siblings } from '../gateway/siblings.ts';

/** A process that is too busy to answer by then is shown as one that did not. */
const answerWithinMs = 2000;

export interface SiblingAnswer {
  readonly index: number;
  /** Undefined where it did not answer in time, or not with success. */
  readonly text: string | undefined;
}

type Asked = Pick<Parameters<RouteHandler>[1], 'method' | 'target' | 'headers'>;

/** Sends a control request on to all other processes, and waits for their answers no longer than so. */
export function askSiblings({ method, target, headers }: Asked, siblings: Siblings, clock: Clock): Promise<readonly SiblingAnswer[]> {
  const others = Array.from({ length: siblings.count }, (_, index) => index).filter((index) => index !== siblings.index);
  return Promise.all(
    others.map(async (index) => ({
      index,
      text: await ask(siblings, index, { method: method === 'POST' ? 'POST' : 'GET', path: target, headers: passed(headers) }, clock),
    })),
  );
}

interface Question {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

function ask(siblings: Siblings, index: number, question: Question, clock: Clock): Promise<string | undefined> {
  return new Promise((resolve) => {
    const parts: Uint8Array[] = [];
    let succeeded = false;
    const call = siblings.transport.send(
      siblings.endpointOf(index),
      { ...question, body: question.method === 'POST' ? new Uint8Array() : undefined, onFreshConnection: true },
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
