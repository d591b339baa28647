import { emptyHead } from './released-answer.ts';
import type { AnswerSegment, Provenance } from './provenance.ts';
import type { ContentVerdict, StreamedChunk, StreamListener, TextPiece } from './stream-listener.ts';
import type { ContinuedText } from './continued-text.ts';
import type { TextFrame } from './text-frame.ts';
import type { Try } from './attempt-loop.ts';

/** An attempt that goes on with a released text: how, and where its text meets it. */
export interface Continuing {
  readonly by: NonNullable<AnswerSegment['continuedBy']>;
  readonly text: ContinuedText;
}

/** Who hands on what attempts write. */
interface WritingHost {
  readonly onIdle: (writing: Writing, chunk: StreamedChunk) => void;
  readonly onContent: (writing: Writing, chunk: StreamedChunk) => ContentVerdict;
  readonly onText: (writing: Writing, piece: TextPiece, nowMs: number) => ContentVerdict;
}

/** An attempt that writes, or may come to write: what it told before its first content is kept until then. */
export class Writing implements StreamListener {
  readonly tried: Try;
  readonly continuing: Continuing | undefined;
  readonly provenance: () => Provenance;
  readonly head = emptyHead();
  segment: AnswerSegment | undefined;
  idle: StreamedChunk[] = [];
  idleBytes = 0;
  /** Ids told without text: they belong to the text that follows, and are released with it. */
  waitingIds: number[] = [];
  /** What stands around each text on its way to the client, for the form that most chunks have. */
  frame: TextFrame | undefined;
  /** Content held back until it is whole; undefined while everything is released as it comes. */
  held: StreamedChunk[] | undefined;
  heldBytes = 0;
  /** Whether texts are known to go out as they come; whatever else comes makes that be asked again. */
  flows = false;
  readonly #host: WritingHost;

  constructor(host: WritingHost, tried: Try, continuing: Continuing | undefined, provenance: () => Provenance) {
    this.#host = host;
    this.tried = tried;
    this.continuing = continuing;
    this.provenance = provenance;
  }

  onIdle(chunk: StreamedChunk): void {
    this.flows = false;
    this.#host.onIdle(this, chunk);
  }

  onContent(chunk: StreamedChunk): ContentVerdict {
    this.flows = false;
    return this.#host.onContent(this, chunk);
  }

  onText(piece: TextPiece, nowMs: number): ContentVerdict {
    return this.#host.onText(this, piece, nowMs);
  }
}
