import { MessageEvents, type MessageEvent, type MessageIdentity } from './message-events.ts';
import { messagesErrorBody } from './messages-error.ts';
import { readChatPiece } from '../chat-piece.ts';
import type { Fault } from '../../std/error-catalogue.ts';
import type { StreamTranslation } from '../stream-translation.ts';

/** A streamed message as server-sent events, each named by its type as Anthropic's SDKs expect. */
export function messagesStream(identity: MessageIdentity, requestId: string): StreamTranslation {
  const events = new MessageEvents(identity);
  return {
    begin: () => framed(events.begin()),
    push: (data) => {
      const piece = readChatPiece(data);
      return piece === undefined ? '' : framed(events.push(piece));
    },
    heartbeat: () => frame('ping', '{"type":"ping"}'),
    end: () => framed(events.end()),
    failed: (fault: Fault) => frame('error', messagesErrorBody(fault, requestId)),
  };
}

function framed(events: readonly MessageEvent[]): string {
  return events.map((event) => frame(event.type, JSON.stringify(event))).join('');
}

function frame(name: string, data: string): string {
  return `event: ${name}\ndata: ${data}\n\n`;
}
