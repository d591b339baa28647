/** The bytes that the mock upstream answers with, made once, so that it spends its time on sockets. */

/** How many chunks a stream may have. */
export const mostChunks = 4000;
/** What the whole answer of the mock contains once, so that a client can tell that it has all of it. */
export const wholeMark = 'the-end-of-a-whole-answer';

const event = (data: string): string => `data: ${data}\n\n`;
const framed = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** The text of a stream's chunk; its number is in it, so that a lost, doubled or swapped chunk shows. */
export function pieceText(index: number): string {
  return `w${String(index).padStart(5, '0')} `;
}

function contentEvent(index: number): string {
  const delta = { index: 0, delta: { content: pieceText(index) }, logprobs: null, finish_reason: null };
  return event(JSON.stringify({ id: 'chatcmpl-benchmark', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'm', choices: [delta] }));
}

const rest = { id: 'chatcmpl-benchmark', object: 'chat.completion.chunk', created: 1_760_000_000, model: 'm' };
const roleEvent = event(JSON.stringify({ ...rest, choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }));
const finishEvent = event(JSON.stringify({ ...rest, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));

const streamHead = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n';

/** The head, the role and the first content in one write: what a fast engine's first answer looks like. */
export const streamBeginning = Buffer.from(streamHead + framed(roleEvent) + framed(contentEvent(0)));
export const streamPieces: readonly Buffer[] = Array.from({ length: mostChunks }, (_, index) => Buffer.from(framed(contentEvent(index))));
export const streamEnd = Buffer.from(`${framed(finishEvent)}${framed(event('[DONE]'))}0\r\n\r\n`);

const wholeBody = JSON.stringify({
  id: 'chatcmpl-benchmark',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'm',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: `${'An answer of ordinary length. '.repeat(10)}${wholeMark}`, refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 24, completion_tokens: 80, total_tokens: 104 },
});

export const wholeAnswer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(wholeBody)}\r\n\r\n${wholeBody}`,
);

const modelsBody = JSON.stringify({ object: 'list', data: [{ id: 'm', object: 'model', created: 1_760_000_000, owned_by: 'benchmark' }] });

export const modelsAnswer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(modelsBody)}\r\n\r\n${modelsBody}`,
);
