import { carriedMembers, spentMembers } from '../protocol/build-continuation-body.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { ReleasedAnswer as ReleasedFacts } from '../policy/continuation-tier.ts';
import type { ChunkFacts } from '../protocol/read-chunk.ts';
import type { AnswerIdentity } from '../protocol/write-chunk.ts';
import type { RelayRequest } from './relay-request.ts';
import type { AnswerSegment } from './provenance.ts';

/**
 * What a client holds of an answer so far, whoever made it: the state that a continuation goes on from. Only what was
 * released counts; what an abandoned attempt still had in hand is made again.
 */
export class ReleasedAnswer {
  readonly segments: AnswerSegment[] = [];
  readonly tokenIds: number[] = [];
  promptTokenIds: readonly number[] | undefined;
  continuations = 0;
  #request: RelayRequest;
  #seed: number | undefined;
  #id: string | undefined;
  #created: number | undefined;
  #beyondText = false;
  #idsComplete = true;
  #lastContentMs: number | undefined;

  constructor(request: RelayRequest) {
    this.#request = request;
    this.#seed = request.seed;
  }

  get begun(): boolean {
    return this.segments.length > 0;
  }

  get seed(): number | undefined {
    return this.#seed;
  }

  /** The first endpoint's identity is kept for the whole answer (fault 64). */
  identity(fallbackCreatedMs: number): AnswerIdentity {
    return {
      route: this.#request.route === 'chat' ? 'chat' : 'completions',
      id: this.#id ?? this.#request.requestId,
      created: this.#created ?? Math.floor(fallbackCreatedMs / 1000),
      model: this.#request.model,
    };
  }

  /** Takes what a first attempt tells besides content. An attempt that released nothing leaves nothing behind. */
  restart(): void {
    this.promptTokenIds = undefined;
    this.#seed = this.#request.seed;
    this.#id = undefined;
    this.#created = undefined;
  }

  learn(chunk: ChunkFacts): void {
    this.promptTokenIds ??= chunk.promptTokenIds;
    this.#seed ??= chunk.seed;
    this.#id ??= chunk.id;
    this.#created ??= chunk.created;
  }

  openSegment(attemptId: string, candidate: Candidate, nowMs: number): AnswerSegment {
    const gapMs = this.#lastContentMs === undefined ? undefined : nowMs - this.#lastContentMs;
    const segment = { attemptId, candidate, outputTokens: 0, characters: 0, gapMs };
    this.segments.push(segment);
    return segment;
  }

  /** Records content in the moment in which it is handed to the client. */
  release(segment: AnswerSegment, chunk: ChunkFacts, nowMs: number): void {
    this.#lastContentMs = nowMs;
    if (chunk.beyondText) this.#beyondText = true;
    if (chunk.tokenIds === undefined) this.#idsComplete = false;
    else for (const id of chunk.tokenIds) this.tokenIds.push(id);
    segment.outputTokens += chunk.tokenIds?.length ?? 0;
    segment.characters += codePoints(chunk.text);
  }

  get idsComplete(): boolean {
    return this.#idsComplete && this.promptTokenIds !== undefined;
  }

  facts(continuationsAllowed: number): ReleasedFacts {
    return {
      choices: this.#request.choices,
      hasTools: this.#request.hasTools,
      responseFormat: this.#request.responseFormat,
      logprobs: this.#request.logprobs,
      framed: this.#request.framed,
      uncarriedField: this.#request.demand.unpublishedFields.find((field) => !spentMembers.includes(field) && !carriedMembers.includes(field)),
      beyondText: this.#beyondText,
      idsComplete: this.idsComplete,
      determined: this.#request.sampling === 'greedy' || this.#seed !== undefined,
      continuationsUsed: this.continuations,
      continuationsAllowed,
    };
  }

  /** How many tokens the answer may still have on a deployment, by the client's limit and by the context. */
  remainingTokens(contextTokens: number): number {
    const room = contextTokens - (this.promptTokenIds?.length ?? 0) - this.tokenIds.length;
    return this.#request.maxTokens === undefined ? room : Math.min(room, this.#request.maxTokens - this.tokenIds.length);
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}
