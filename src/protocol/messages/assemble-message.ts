import { emptyMessage, MessageEvents, type ContentBlock, type Message, type MessageEvent, type MessageIdentity } from './message-events.ts';
import { readWholePiece } from '../chat-piece.ts';

const decoder = new TextDecoder();

/** A whole chat answer as a whole message: said as a stream and put together again, so that both have one truth. */
export function assembleMessage(body: Uint8Array, identity: MessageIdentity): string | undefined {
  const piece = readWholePiece(decoder.decode(body));
  if (piece === undefined) return undefined;
  const events = new MessageEvents(identity);
  return JSON.stringify(fold([...events.begin(), ...events.push(piece), ...events.end()], identity));
}

function fold(events: readonly MessageEvent[], identity: MessageIdentity): Message {
  let message = emptyMessage(identity);
  let open: { block: ContentBlock; json: string } | undefined;
  for (const event of events) {
    if (event.type === 'content_block_start') open = { block: event.content_block, json: '' };
    if (event.type === 'content_block_delta' && open !== undefined) open = grown(open, event.delta);
    if (event.type === 'content_block_stop' && open !== undefined) message = { ...message, content: [...message.content, closed(open)] };
    if (event.type === 'message_delta') {
      const { delta, usage, type: _, ...own } = event;
      message = { ...message, ...delta, usage, ...own };
    }
  }
  return message;
}

type Open = { readonly block: ContentBlock; readonly json: string };

function grown({ block, json }: Open, delta: Extract<MessageEvent, { type: 'content_block_delta' }>['delta']): Open {
  if (delta.type === 'input_json_delta') return { block, json: json + delta.partial_json };
  if (delta.type === 'text_delta' && block.type === 'text') return { block: { ...block, text: block.text + delta.text }, json };
  if (delta.type === 'thinking_delta' && block.type === 'thinking') return { block: { ...block, thinking: block.thinking + delta.thinking }, json };
  if (delta.type === 'signature_delta' && block.type === 'thinking') return { block: { ...block, signature: delta.signature }, json };
  return { block, json };
}

/** Arguments that ended at the token limit are no JSON; an empty input with `max_tokens` beside it says so. */
function closed({ block, json }: Open): ContentBlock {
  return block.type === 'tool_use' && json !== '' ? { ...block, input: parsedOr({}, json) } : block;
}

function parsedOr(otherwise: unknown, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return otherwise;
  }
}
