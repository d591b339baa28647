import type { ChunkFacts } from '../protocol/read-chunk.ts';
import type { ChunkTemplate } from '../protocol/chunk-template.ts';
import type { DispatchedEvent } from '../protocol/decode-sse.ts';
import type { ToolRepair } from '../protocol/tool-call-assembly.ts';

export type ChunkEvent = Pick<DispatchedEvent, 'data' | 'dataBytes' | 'raw' | 'bytes' | 'dataStart' | 'dataEnd'>;

export interface StreamedChunk {
  readonly facts: ChunkFacts;
  readonly event: ChunkEvent;
  /** The form that it shares with most chunks of its stream, where it has one. */
  readonly template: ChunkTemplate | undefined;
  /** What its tool calls lack and are given. */
  readonly toolRepairs: readonly ToolRepair[] | undefined;
}

/**
 * What becomes of a piece of content: it was taken; it was, and the client reads too slowly, so that the endpoint is
 * paused until `resume`; the answer is over with it; or it cannot be a continuation of what was released.
 */
export type ContentVerdict = 'taken' | 'slow' | 'over' | 'wrong';

/** What the attempt tells while it runs. Content is heard in order, and never after the attempt has ended. */
export interface StreamListener {
  /** A chunk without content: the role, or an empty delta. */
  readonly onIdle: (chunk: StreamedChunk) => void;
  readonly onContent: (chunk: StreamedChunk) => ContentVerdict;
  /** A chunk that has a known form and says a piece of text: most of a stream is made of these. */
  readonly onText: (piece: TextPiece, nowMs: number) => ContentVerdict;
}

/**
 * The text of a chunk with a known form, and where its event and the text in it stand. The bytes are only lent: whoever
 * wants them when it has returned copies them. One object serves all pieces of a stream.
 */
export interface TextPiece {
  text: string;
  template: ChunkTemplate;
  bytes: Uint8Array;
  start: number;
  textStart: number;
  textEnd: number;
  end: number;
}
