import { readChatPiece, readWholePiece } from '../chat-piece.ts';
import { ResponseEvents, type ResponseEvent } from './response-events.ts';
import type { ResponseIdentity, ResponseObject } from './response-object.ts';
import type { StreamTranslation } from '../stream-translation.ts';

const decoder = new TextDecoder();

/** What happens around an answer: the wall clock, and who hears of the whole response before the client does. */
export interface ResponseSurroundings {
  readonly nowSeconds: () => number;
  /** Returns what the client is shown. */
  readonly onWhole: (response: ResponseObject) => ResponseObject;
}

/** A streamed response as server-sent events, each named by its type. */
export function responsesStream(identity: ResponseIdentity, { nowSeconds, onWhole }: ResponseSurroundings): StreamTranslation {
  const events = new ResponseEvents(identity);
  return {
    begin: () => framed(events.begin()),
    push: (data) => {
      const piece = readChatPiece(data);
      return piece === undefined ? '' : framed(events.push(piece));
    },
    // The API has no event for it, and a comment is none.
    heartbeat: () => ': ka\n\n',
    end: () => {
      const { events: rest, response } = events.end(nowSeconds());
      const shown = onWhole(response);
      return framed(rest.map((event) => (event['response'] === response ? { ...event, response: shown } : event)));
    },
    failed: (fault) => framed(events.failed(fault)),
  };
}

/** A whole chat answer as a whole response: said as a stream, so that both have one truth. Undefined where it is no chat answer. */
export function assembleResponse(body: Uint8Array, identity: ResponseIdentity, { nowSeconds, onWhole }: ResponseSurroundings): string | undefined {
  const piece = readWholePiece(decoder.decode(body));
  if (piece === undefined) return undefined;
  const events = new ResponseEvents(identity);
  events.push(piece);
  return JSON.stringify(onWhole(events.end(nowSeconds()).response));
}

function framed(events: readonly ResponseEvent[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}
