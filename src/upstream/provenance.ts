import { guessOutputTokens } from './guess-output-tokens.ts';
import type { Candidate } from '../fleet/candidate.ts';

/** What the response's head says of where an answer comes from; `second_source.segments` is the authoritative word. */
export interface Provenance {
  readonly endpoint: string;
  readonly vendor: string;
  readonly silicon: string;
  readonly evidence: string;
  readonly attempts: number;
  /** Time that the request spent inside the gateway before it was dispatched. */
  readonly overheadMs: number;
  readonly ttftMs: number | undefined;
}

export interface AnswerSegment {
  readonly attemptId: string;
  readonly candidate: Candidate;
  outputTokens: number;
  /** Unicode code points of text. */
  characters: number;
  /** UTF-16 units of all that it says, calls and reasoning included: for a guess of its tokens where nobody counted. */
  saidCharacters: number;
  /** How it goes on from the segment before it; undefined for the first. */
  readonly continuedBy: 'exact' | 'token-ids' | 'prefill' | undefined;
  /** From the last content of the segment before to the first of this one. */
  readonly gapMs: number | undefined;
}

/** Its tokens as they were told or counted; where nobody did, a guess from what it says. */
export function segmentTokens(segment: AnswerSegment): number {
  return segment.outputTokens > 0 ? segment.outputTokens : guessOutputTokens(segment.saidCharacters);
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

export function provenanceOf(candidate: Candidate, attempts: number, overheadMs: number, ttftMs: number | undefined): Provenance {
  const { silicon } = candidate.endpoint;
  return {
    endpoint: candidate.endpoint.id,
    vendor: silicon.vendor,
    silicon: silicon.chip,
    evidence: silicon.evidence,
    attempts,
    overheadMs: rounded(overheadMs),
    ttftMs,
  };
}

/** JSON text of `second_source`: which silicon made which part of the answer. */
export function secondSourceJson(requestId: string, attempts: number, overheadMs: number, segments: readonly AnswerSegment[]): string {
  return JSON.stringify({
    request_id: requestId,
    attempts,
    overhead_ms: rounded(overheadMs),
    segments: segments.map((segment) => ({
      endpoint: segment.candidate.endpoint.id,
      deployment: segment.candidate.deployment.id,
      vendor: segment.candidate.endpoint.silicon.vendor,
      silicon: segment.candidate.endpoint.silicon.chip,
      evidence: segment.candidate.endpoint.silicon.evidence,
      // Text without a single known token means that nobody counted, not that there were none.
      output_tokens: segment.outputTokens === 0 && segment.characters > 0 ? null : segment.outputTokens,
      characters: segment.characters,
      continued_by: segment.continuedBy ?? null,
      gap_ms: segment.gapMs === undefined ? null : rounded(segment.gapMs),
    })),
  });
}
