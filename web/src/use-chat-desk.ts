import { useCallback, useRef, useState, type RefObject } from 'react';
import { isRunning, type Turn } from './chat-state.ts';
import { answeringEndpoint, type EndpointStatus } from './endpoint-status.ts';
import { useChat, type Chat } from './use-chat.ts';
import type { FleetView } from './use-fleet.ts';
import type { GatewayClient } from './gateway-client.ts';

/** A chat with what is chosen and written for its next question. */
export interface ChatDesk {
  readonly chat: Chat;
  readonly model: string | undefined;
  readonly onModel: (model: string) => void;
  /** The endpoints that serve the model. */
  readonly servers: readonly EndpointStatus[];
  readonly endpoint: string | undefined;
  readonly onEndpoint: (endpoint: string | undefined) => void;
  readonly running: Turn | undefined;
  /** The endpoint that answers now. */
  readonly answering: string | undefined;
  readonly unplugInMidAnswer: boolean;
  readonly onUnplugInMidAnswer: (on: boolean) => void;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly input: RefObject<HTMLTextAreaElement | null>;
  readonly ask: (question: string) => void;
  /** A turn's question again, to be changed first. */
  readonly again: (turn: Turn) => void;
  readonly startAfresh: (question: string) => void;
}

/** Kept above the pages, so that an answer goes on, and a draft stays, while another page is shown. */
export function useChatDesk(gateway: GatewayClient, fleet: FleetView): ChatDesk {
  const chat = useChat(gateway, fleet);
  const [chosenModel, onModel] = useState<string>();
  const [chosenEndpoint, onEndpoint] = useState<string>();
  const [unplugInMidAnswer, onUnplugInMidAnswer] = useState(false);
  const [text, onText] = useState('');
  const input = useRef<HTMLTextAreaElement>(null);

  const model = chosenModel !== undefined && fleet.models.includes(chosenModel) ? chosenModel : fleet.models[0];
  const servers = fleet.endpoints.filter(({ models }) => model !== undefined && models.includes(model));
  const endpoint = servers.some(({ id }) => id === chosenEndpoint) ? chosenEndpoint : undefined;
  const running = chat.turns.find(isRunning);
  const named = running?.unplugged.includes(running.startedOn?.endpoint ?? '') === true ? undefined : running?.startedOn?.endpoint;
  const answering = running?.status.kind === 'answering' ? answeringEndpoint(named, model ?? '', fleet.endpoints) : undefined;

  const ask = useCallback(
    (question: string) => {
      const trimmed = question.trim();
      if (model === undefined || chat.busy || trimmed === '') return;
      onText('');
      input.current?.focus();
      chat.ask(trimmed, { model, endpoint, unplugInMidAnswer });
    },
    [chat, endpoint, model, unplugInMidAnswer],
  );
  const write = (question: string): void => {
    onText(question);
    input.current?.focus();
  };

  return {
    chat,
    model,
    onModel,
    servers,
    endpoint,
    onEndpoint,
    running,
    answering,
    unplugInMidAnswer,
    onUnplugInMidAnswer,
    text,
    onText,
    input,
    ask,
    again: (turn) => {
      chat.drop(turn.id);
      write(turn.question);
    },
    startAfresh: (question) => {
      chat.clear();
      write(question);
    },
  };
}
