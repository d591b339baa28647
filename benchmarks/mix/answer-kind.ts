import { chatChunks } from '../../test/support/numbered-answer.ts';
import { chunk, event, lastChunk, streamHead } from '../../test/support/scripted-upstream.ts';

/** How many pieces of content each answer has: the cut comes before one of them, or after the last. */
export const pieces = 12;

export interface AnswerKind {
  readonly name: string;
  /** Its part of the mix. */
  readonly share: number;
  /** What the request says beyond model and messages. */
  readonly asked: Record<string, unknown>;
  /** Piece n of a whole answer, from 1 on. */
  readonly piece: (n: number) => string;
  readonly finishReason: 'stop' | 'tool_calls';
  /**
   * Whether an answer that was cut after so many pieces may be continued or restarted by the published rules
   * (docs/continuation.md), written down here apart from the code that decides it.
   */
  readonly eligible: (releasedPieces: number, holds: boolean) => boolean;
}

const plain = chatChunks(false);
const tools = [{ type: 'function', function: { name: 'count', parameters: { type: 'object' } } }];
/** A tool answer says a few words first, as models do, and then calls. */
const wordsBeforeCall = 4;

function callPiece(n: number): string {
  const index = n - wordsBeforeCall;
  const head = index === 1 ? '"id":"call_1","type":"function",' : '';
  const name = index === 1 ? '"name":"count",' : '';
  const args = index === 1 ? '{"a":[' : n === pieces ? '0]}' : `${index},`;
  const made = `"function":{${name}"arguments":${JSON.stringify(args)}}`;
  return event(
    `{"id":"x","created":7,"model":"up","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,${head}${made}}]},"finish_reason":null}]}`,
  );
}

function delta(member: string, text: string): string {
  return event(
    `{"id":"x","created":7,"model":"up","choices":[{"index":0,"delta":{${JSON.stringify(member)}:${JSON.stringify(text)}},"finish_reason":null}]}`,
  );
}

/** The mix of issue 4: plain chat 60 %, tools 20 %, JSON schema 10 %, reasoning 10 %. */
export const answerKinds: readonly AnswerKind[] = [
  { name: 'plain chat', share: 0.6, asked: {}, piece: plain.content, finishReason: 'stop', eligible: () => true },
  {
    name: 'tools',
    share: 0.2,
    asked: { tools },
    piece: (n) => (n <= wordsBeforeCall ? plain.content(n) : callPiece(n)),
    finishReason: 'tool_calls',
    eligible: (released, holds) => holds || released <= wordsBeforeCall,
  },
  {
    name: 'JSON schema',
    share: 0.1,
    asked: { response_format: { type: 'json_schema', json_schema: { name: 's', schema: { type: 'object' } } } },
    piece: (n) => delta('content', n === 1 ? '{"a":[' : n === pieces ? '0]}' : `${n},`),
    finishReason: 'stop',
    eligible: (released, holds) => holds || released === 0,
  },
  {
    name: 'reasoning',
    share: 0.1,
    asked: {},
    piece: (n) => delta(n <= pieces / 2 ? 'reasoning_content' : 'content', `<${n}>`),
    finishReason: 'stop',
    eligible: (released) => released === 0,
  },
];

/** The raw answer of a kind from one piece to another; whole, with its end, where it reaches the last. */
export function rawAnswer(kind: AnswerKind, from: number, to: number): readonly string[] {
  const said = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => chunk(kind.piece(from + index)));
  const finish = event(`{"id":"x","created":7,"model":"up","choices":[{"index":0,"delta":{},"finish_reason":"${kind.finishReason}"}]}`);
  const end = to === pieces ? [chunk(finish + plain.usage(to - from + 1) + event('[DONE]')), lastChunk] : [];
  return [streamHead, chunk(plain.role), ...said, ...end];
}
