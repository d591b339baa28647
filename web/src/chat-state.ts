import { emptyDraft, type AnswerDraft, type Ending } from './answer-draft.ts';
import type { Message } from './gateway-client.ts';
import type { Provenance } from './segment.ts';

export type AnswerStatus = { readonly kind: 'waiting' } | { readonly kind: 'answering' } | Ending;

/** A question and what has come of its answer. */
export interface Turn {
  readonly id: number;
  readonly question: string;
  readonly status: AnswerStatus;
  readonly draft: AnswerDraft;
  /** What the response headers said of the first segment. */
  readonly startedOn: Provenance | undefined;
  /** The endpoints that this page unplugged while it ran, in order. */
  readonly unplugged: readonly string[];
  /** The reader wanted an unplug in mid-answer, but there was no time for it. */
  readonly unplugMissed: boolean;
}

export type ChatAction =
  | { readonly kind: 'asked'; readonly id: number; readonly question: string }
  | { readonly kind: 'started'; readonly id: number; readonly startedOn: Provenance | undefined }
  | { readonly kind: 'progressed'; readonly id: number; readonly draft: AnswerDraft }
  | { readonly kind: 'unplugged'; readonly id: number; readonly endpoint: string }
  | { readonly kind: 'unplug-missed'; readonly id: number }
  | { readonly kind: 'ended'; readonly id: number; readonly draft: AnswerDraft; readonly ending: Ending }
  | { readonly kind: 'dropped'; readonly id: number }
  | { readonly kind: 'cleared' };

/** What a chat is after an action. An action for a turn that is gone (after "new chat") changes nothing. */
export function reduceChat(turns: readonly Turn[], action: ChatAction): readonly Turn[] {
  switch (action.kind) {
    case 'cleared':
      return [];
    case 'dropped':
      return turns.filter(({ id }) => id !== action.id);
    case 'asked':
      return [
        ...turns,
        {
          id: action.id,
          question: action.question,
          status: { kind: 'waiting' },
          draft: emptyDraft,
          startedOn: undefined,
          unplugged: [],
          unplugMissed: false,
        },
      ];
    default:
      return turns.map((turn) => (turn.id === action.id ? reduceTurn(turn, action) : turn));
  }
}

export function isRunning({ status }: Turn): boolean {
  return status.kind === 'waiting' || status.kind === 'answering';
}

/**
 * The messages to send with a new question: every turn whose answer has text. A turn without any is left out with
 * its question, because two user messages in a row are refused by some chat templates.
 */
export function messagesFor(turns: readonly Turn[], question: string): readonly Message[] {
  const history = turns
    .filter(({ draft }) => draft.text !== '')
    .flatMap((turn): Message[] => [
      { role: 'user', content: turn.question },
      { role: 'assistant', content: turn.draft.text },
    ]);
  return [...history, { role: 'user', content: question }];
}

function reduceTurn(
  turn: Turn,
  action: Extract<ChatAction, { readonly kind: 'started' | 'progressed' | 'unplugged' | 'unplug-missed' | 'ended' }>,
): Turn {
  switch (action.kind) {
    case 'started':
      return { ...turn, status: { kind: 'answering' }, startedOn: action.startedOn };
    case 'progressed':
      return { ...turn, draft: action.draft };
    case 'unplugged':
      // A fast answer may have ended while its endpoint was being unplugged; the reader is still told.
      return { ...turn, unplugged: [...turn.unplugged, action.endpoint] };
    case 'unplug-missed':
      return { ...turn, unplugMissed: true };
    case 'ended':
      return { ...turn, draft: action.draft, status: action.ending };
  }
}
