import { guessOutputTokens } from './guess-output-tokens.ts';
import type { Candidate } from '../fleet/candidate.ts';
import type { Endpoint } from '../fleet/endpoint.ts';

/** What the response's head says of where an answer comes from; `second_source.segments` is the authoritative word. */
export interface Provenance {
  readonly endpoint: Endpoint;
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
  return { endpoint: candidate.endpoint, attempts, overheadMs: rounded(overheadMs), ttftMs };
}

/** JSON text of `second_source`: which silicon made which part of the answer. */
export function secondSourceJson(requestId: string, attempts: number, overheadMs: number, segments: readonly AnswerSegment[]): string {
  const parts = segments.map(segmentJson).join(',');
  return `{"request_id":${JSON.stringify(requestId)},"attempts":${attempts},"overhead_ms":${rounded(overheadMs)},"segments":[${parts}]}`;
}

function segmentJson({ candidate, outputTokens, characters, continuedBy, gapMs }: AnswerSegment): string {
  // Text without a single known token means that nobody counted, not that there were none.
  const tokens = outputTokens === 0 && characters > 0 ? null : outputTokens;
  const by = continuedBy === undefined ? null : `"${continuedBy}"`;
  const gap = gapMs === undefined ? null : rounded(gapMs);
  return `{${placeJson(candidate)},"output_tokens":${tokens},"characters":${characters},"continued_by":${by},"gap_ms":${gap}}`;
}

/** What is the same in every answer of a deployment. */
const placesMade = new WeakMap<Candidate['deployment'], { readonly endpoint: Candidate['endpoint']; readonly json: string }>();

function placeJson({ endpoint, deployment }: Candidate): string {
  const made = placesMade.get(deployment);
  if (made?.endpoint === endpoint) return made.json;
  const { vendor, chip, evidence } = endpoint.silicon;
  const json = JSON.stringify({ endpoint: endpoint.id, deployment: deployment.id, vendor, silicon: chip, evidence }).slice(1, -1);
  placesMade.set(deployment, { endpoint, json });
  return json;
}
