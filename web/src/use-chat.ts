import { useCallback, useReducer, useRef } from 'react';
import { isRunning, messagesFor, reduceChat, type Turn } from './chat-state.ts';
import { answeringEndpoint, type EndpointStatus } from './endpoint-status.ts';
import type { AnswerDraft } from './answer-draft.ts';
import type { GatewayClient } from './gateway-client.ts';
import { LatestOnly } from './latest-only.ts';

/** Early enough to leave text for the next endpoint, late enough that the reader saw the first one write. */
const unplugAtContentChunk = 15;

/** Smooth to the eye, and leaves the page most of its time to read. */
const drawEveryMs = 40;

export interface AskOptions {
  readonly model: string;
  readonly endpoint: string | undefined;
  /** Unplug the answering endpoint once some of the answer has arrived. */
  readonly unplugInMidAnswer: boolean;
}

export interface Chat {
  readonly turns: readonly Turn[];
  readonly busy: boolean;
  readonly ask: (question: string, options: AskOptions) => void;
  readonly stop: () => void;
  readonly unplugAnswering: () => void;
  readonly drop: (turnId: number) => void;
  readonly clear: () => void;
}

/** The fleet as the chat needs it, to unplug what answers. */
interface Switchboard {
  readonly seen: () => readonly EndpointStatus[];
  readonly refresh: () => Promise<readonly EndpointStatus[]>;
  readonly switchEndpoint: (id: string, action: 'unplug' | 'plug') => Promise<boolean>;
}

interface InFlight {
  readonly turnId: number;
  readonly model: string;
  readonly abort: AbortController;
  named: string | undefined;
  unplugging: boolean;
}

export function useChat(gateway: GatewayClient, { seen, refresh, switchEndpoint }: Switchboard): Chat {
  const [turns, dispatch] = useReducer(reduceChat, []);
  const inFlight = useRef<InFlight>(undefined);
  const nextId = useRef(1);

  const unplugAnswering = useCallback(
    async (sure?: string) => {
      const current = inFlight.current;
      if (current === undefined || current.unplugging) return;
      current.unplugging = true;
      // What is known is used first: looking again would give a fast answer the time to end.
      const known = sure ?? answeringEndpoint(current.named, current.model, seen());
      const endpoint = known ?? answeringEndpoint(undefined, current.model, await refresh());
      current.named = undefined;
      if (endpoint !== undefined && (await switchEndpoint(endpoint, 'unplug'))) dispatch({ kind: 'unplugged', id: current.turnId, endpoint });
      current.unplugging = false;
    },
    [refresh, seen, switchEndpoint],
  );

  const ask = useCallback(
    (question: string, options: AskOptions) => {
      if (inFlight.current !== undefined) return;
      const id = nextId.current++;
      const current: InFlight = { turnId: id, model: options.model, abort: new AbortController(), named: undefined, unplugging: false };
      inFlight.current = current;
      let mayUnplug = options.unplugInMidAnswer;
      dispatch({ kind: 'asked', id, question });
      const drawing = new LatestOnly<AnswerDraft>((draft) => dispatch({ kind: 'progressed', id, draft }), drawEveryMs, afterTimeout);
      const body = { model: options.model, endpoint: options.endpoint, messages: messagesFor(turns, question) };
      void gateway
        .ask(body, current.abort.signal, {
          onStarted: (startedOn) => {
            current.named = startedOn?.endpoint;
            dispatch({ kind: 'started', id, startedOn });
          },
          onProgress: (draft) => {
            drawing.push(draft);
            if (!mayUnplug || draft.done || draft.contentChunks < unplugAtContentChunk) return;
            mayUnplug = false;
            // So soon after the headers, what they say is newer than the list of endpoints.
            void unplugAnswering(current.named);
          },
        })
        .then(({ draft, ending }) => {
          drawing.stop();
          if (mayUnplug && draft.done) dispatch({ kind: 'unplug-missed', id });
          if (inFlight.current === current) inFlight.current = undefined;
          dispatch({ kind: 'ended', id, draft, ending });
          void refresh();
        });
    },
    [gateway, refresh, turns, unplugAnswering],
  );

  const stop = useCallback(() => inFlight.current?.abort.abort(), []);
  const drop = useCallback((turnId: number) => dispatch({ kind: 'dropped', id: turnId }), []);
  const clear = useCallback(() => {
    inFlight.current?.abort.abort();
    inFlight.current = undefined;
    dispatch({ kind: 'cleared' });
  }, []);

  return { turns, busy: turns.some(isRunning), ask, stop, unplugAnswering: () => void unplugAnswering(), drop, clear };
}

function afterTimeout(run: () => void, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
