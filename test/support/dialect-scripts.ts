/** What a scripted answer of another dialect says. */
export interface SaidAnswer {
  readonly thinking?: { readonly text: string; readonly signature: string };
  readonly text?: readonly string[];
  readonly calls?: readonly { readonly id: string; readonly name: string; readonly args: object }[];
  readonly stop?: string;
  /** Anthropic’s own word for which stop sequence it was. */
  readonly stopSequence?: string;
}

function event(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify({ type: name, ...data })}\n\n`;
}

/**
 * A stream of Anthropic's Messages API, in the order of events that its page on streaming gives
 * (https://platform.claude.com/docs/en/build-with-claude/streaming), pings included.
 */
export function messagesEvents({ thinking, text = [], calls = [], stop, stopSequence }: SaidAnswer): readonly string[] {
  const usage = { input_tokens: 5, cache_creation_input_tokens: 2, cache_read_input_tokens: 4, output_tokens: 1 };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', content: [], model: 'up', stop_reason: null, stop_sequence: null, usage };
  const events = [event('message_start', { message }), event('ping', {})];
  let index = 0;
  const block = (start: object, deltas: readonly object[]): void => {
    events.push(event('content_block_start', { index, content_block: start }));
    for (const delta of deltas) events.push(event('content_block_delta', { index, delta }));
    events.push(event('content_block_stop', { index }));
    index += 1;
  };
  if (thinking !== undefined)
    block({ type: 'thinking', thinking: '', signature: '' }, [
      { type: 'thinking_delta', thinking: thinking.text },
      { type: 'signature_delta', signature: thinking.signature },
    ]);
  if (text.length > 0)
    block(
      { type: 'text', text: '' },
      text.map((piece) => ({ type: 'text_delta', text: piece })),
    );
  for (const { id, name, args } of calls) {
    const json = Object.keys(args).length === 0 ? '' : JSON.stringify(args);
    const half = Math.ceil(json.length / 2);
    const pieces = json === '' ? [] : ['', json.slice(0, half), json.slice(half)];
    block(
      { type: 'tool_use', id, name, input: {} },
      pieces.map((piece) => ({ type: 'input_json_delta', partial_json: piece })),
    );
  }
  const reason = stop ?? (calls.length > 0 ? 'tool_use' : 'end_turn');
  events.push(
    event('message_delta', { delta: { stop_reason: reason, stop_sequence: stopSequence ?? null }, usage: { output_tokens: 9 } }),
    event('message_stop', {}),
  );
  return events;
}

/** The same answer in one piece (https://platform.claude.com/docs/en/api/messages). */
export function messageWhole({ thinking, text = [], calls = [], stop, stopSequence }: SaidAnswer): string {
  const content = [
    ...(thinking === undefined ? [] : [{ type: 'thinking', thinking: thinking.text, signature: thinking.signature }]),
    ...(text.length === 0 ? [] : [{ type: 'text', text: text.join('') }]),
    ...calls.map(({ id, name, args }) => ({ type: 'tool_use', id, name, input: args })),
  ];
  return JSON.stringify({
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content,
    model: 'up',
    stop_reason: stop ?? (calls.length > 0 ? 'tool_use' : 'end_turn'),
    stop_sequence: stopSequence ?? null,
    usage: { input_tokens: 5, cache_creation_input_tokens: 2, cache_read_input_tokens: 4, output_tokens: 9 },
  });
}

function response(parts: readonly object[], finishReason: string | undefined): object {
  return {
    candidates: [{ content: { role: 'model', parts }, ...(finishReason === undefined ? {} : { finishReason }), index: 0 }],
    usageMetadata: { promptTokenCount: 11, cachedContentTokenCount: 4, candidatesTokenCount: 7, thoughtsTokenCount: 2, totalTokenCount: 20 },
    modelVersion: 'up',
    responseId: 'gen_1',
  };
}

function partsOf({ thinking, text = [], calls = [] }: SaidAnswer): readonly object[] {
  return [
    ...(thinking === undefined ? [] : [{ text: thinking.text, thought: true }]),
    ...text.map((said) => ({ text: said })),
    ...calls.map(({ id, name, args }) => ({ functionCall: { id, name, args }, thoughtSignature: 'c2ln' })),
  ];
}

/** A stream of Gemini's `streamGenerateContent?alt=sse` (https://ai.google.dev/api/generate-content). */
export function generateEvents(said: SaidAnswer): readonly string[] {
  const parts = partsOf(said);
  const pieces = parts.map((part, at) => response([part], at === parts.length - 1 ? (said.stop ?? 'STOP') : undefined));
  return pieces.map((json) => `data: ${JSON.stringify(json)}\r\n\r\n`);
}

export function generateWhole(said: SaidAnswer): string {
  return JSON.stringify(response(partsOf(said), said.stop ?? 'STOP'));
}
