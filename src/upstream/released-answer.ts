import { codePoints } from '../std/code-points.ts';
import { carriedMembers, spentMembers } from '../protocol/build-continuation-body.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { ReleasedAnswer as ReleasedFacts } from '../policy/continuation-tier.ts';
import type { ChunkFacts } from '../protocol/read-chunk.ts';
import type { AnswerIdentity } from '../protocol/write-chunk.ts';
import type { RelayRequest } from './relay-request.ts';
import { segmentTokens, type AnswerSegment } from './provenance.ts';

/** What is handed to the client of a chunk. */
export type ReleasedPiece = Pick<ChunkFacts, 'text' | 'saidCharacters' | 'beyondText' | 'tokenIds'>;

/** What an endpoint tells of an answer besides its content. */
export interface AnswerHead {
  promptTokenIds: readonly number[] | undefined;
  seed: number | undefined;
  id: string | undefined;
  created: number | undefined;
}

export function emptyHead(): AnswerHead {
  return { promptTokenIds: undefined, seed: undefined, id: undefined, created: undefined };
}

/** Takes from a chunk what no chunk before it told. */
export function learnHead(head: AnswerHead, chunk: ChunkFacts): void {
  head.promptTokenIds ??= chunk.promptTokenIds;
  head.seed ??= chunk.seed;
  head.id ??= chunk.id;
  head.created ??= chunk.created;
}

/**
 * What a client holds of an answer so far, whoever made it: the state that a continuation goes on from. Only what was
 * released counts; what an abandoned attempt still had in hand is made again.
 */
export class ReleasedAnswer {
  readonly segments: AnswerSegment[] = [];
  readonly tokenIds: number[] = [];
  continuations = 0;
  readonly #request: RelayRequest;
  readonly #text: string[] = [];
  #head = emptyHead();
  /** Pieces of content: at least as many tokens, where nobody tells their ids. */
  #pieces = 0;
  #beyondText = false;
  #idsComplete = true;
  /** Not a number before the first content. */
  #lastContentMs = NaN;

  constructor(request: RelayRequest) {
    this.#request = request;
  }

  get begun(): boolean {
    return this.segments.length > 0;
  }

  get text(): string {
    return this.#text.join('');
  }

  get seed(): number | undefined {
    return this.#request.seed ?? this.#head.seed;
  }

  get promptTokenIds(): readonly number[] | undefined {
    return this.#head.promptTokenIds;
  }

  /** The first endpoint's identity is kept for the whole answer (fault 64). */
  identity(fallbackCreatedMs: number): AnswerIdentity {
    return {
      route: this.#request.route === 'chat' ? 'chat' : 'completions',
      id: this.#head.id ?? this.#request.requestId,
      created: this.#head.created ?? Math.floor(fallbackCreatedMs / 1000),
      model: this.segments[0]?.candidate.deployment.model ?? this.#request.model,
    };
  }

  /** The answer is that of the attempt whose content comes first: only what that one told holds for it. */
  takeHead(head: AnswerHead): void {
    this.#head = head;
  }

  openSegment(attemptId: string, candidate: Candidate, continuedBy: AnswerSegment['continuedBy'], nowMs: number): AnswerSegment {
    const gapMs = Number.isNaN(this.#lastContentMs) ? undefined : nowMs - this.#lastContentMs;
    const segment = { attemptId, candidate, outputTokens: 0, characters: 0, saidCharacters: 0, continuedBy, gapMs };
    this.segments.push(segment);
    return segment;
  }

  /** The same as `release` for a piece of text without ids and nothing else. */
  releaseText(segment: AnswerSegment, text: string, nowMs: number): void {
    this.#lastContentMs = nowMs;
    this.#pieces += 1;
    this.#idsComplete = false;
    this.#text.push(text);
    segment.characters += codePoints(text);
    segment.saidCharacters += text.length;
  }

  /** Records content in the moment in which it is handed to the client. */
  release(segment: AnswerSegment, chunk: ReleasedPiece, nowMs: number): void {
    this.#lastContentMs = nowMs;
    this.#pieces += 1;
    if (chunk.beyondText) this.#beyondText = true;
    if (chunk.tokenIds === undefined) this.#idsComplete = false;
    else for (const id of chunk.tokenIds) this.tokenIds.push(id);
    if (chunk.text !== '') this.#text.push(chunk.text);
    segment.outputTokens += chunk.tokenIds?.length ?? 0;
    segment.characters += codePoints(chunk.text);
    segment.saidCharacters += chunk.saidCharacters;
  }

  get idsComplete(): boolean {
    return this.#idsComplete && this.promptTokenIds !== undefined;
  }

  /** Tokens released by all segments; where nobody counted a segment's, a guess from its characters. */
  get outputTokens(): number {
    return this.segments.reduce((sum, segment) => sum + segmentTokens(segment), 0);
  }

  facts(continuationsAllowed: number): ReleasedFacts {
    const request = this.#request;
    return {
      route: request.route,
      choices: request.choices,
      hasTools: request.hasTools,
      hasStops: request.stops.length > 0,
      responseFormat: request.responseFormat,
      logprobs: request.logprobs,
      framed: request.framed,
      prefilled: request.prefilled,
      uncarriedField: request.demand.unpublishedFields.find((field) => !spentMembers.includes(field) && !carriedMembers.includes(field)),
      beyondText: this.#beyondText,
      idsComplete: this.idsComplete,
      endsInHalfCharacter: this.#text.at(-1)?.endsWith('\ufffd') ?? false,
      determined: request.sampling === 'greedy' || this.seed !== undefined,
      continuationsUsed: this.continuations,
      continuationsAllowed,
      lowest: request.lowestTier,
    };
  }

  /** How many tokens the answer may still have by the client's own limit; undefined where it set none. */
  get remainingByLimit(): number | undefined {
    const { maxTokens } = this.#request;
    return maxTokens === undefined ? undefined : maxTokens - (this.#idsComplete ? this.tokenIds.length : this.#pieces);
  }

  /** How many tokens the answer may still have on a deployment, by the client's limit and by the context. */
  remainingTokens(contextTokens: number | undefined): number {
    const room = contextTokens === undefined ? Infinity : contextTokens - (this.promptTokenIds?.length ?? 0) - this.tokenIds.length;
    return Math.min(room, this.remainingByLimit ?? Infinity);
  }
}
