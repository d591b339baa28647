import { isRecord } from './is-record.ts';

/** The silicon that computes (a part of) an answer, and how the gateway knows. */
export interface Provenance {
  readonly endpoint: string;
  readonly vendor: string;
  readonly silicon: string;
  readonly evidence: string;
}

/** The part of an answer that one attempt produced. */
export interface Segment extends Provenance {
  readonly outputTokens: number | undefined;
  /** Unicode code points of the answer's text. */
  readonly characters: number;
  /** How it goes on from the part before: `exact`, `token-ids`, `prefill`; undefined for the first one. */
  readonly continuedBy?: string | undefined;
  /** Silence before this segment's first text; undefined for the first one. */
  readonly gapMs: number | undefined;
}

/** What the gateway reports of a whole answer in its last chunk (`second_source`). */
export interface AnswerReport {
  readonly requestId: string | undefined;
  readonly attempts: number | undefined;
  readonly overheadMs: number | undefined;
  readonly segments: readonly Segment[];
}

/** Reads `second_source`; undefined where it is absent or a segment says not where it ran or how far it reached. */
export function readReport(value: unknown): AnswerReport | undefined {
  if (!isRecord(value) || !Array.isArray(value['segments'])) return undefined;
  const segments: Segment[] = [];
  for (const item of value['segments']) {
    const segment = readSegment(item);
    if (segment === undefined) return undefined;
    segments.push(segment);
  }
  return {
    requestId: textOf(value['request_id']),
    attempts: countOf(value['attempts']),
    overheadMs: countOf(value['overhead_ms']),
    segments,
  };
}

/** Reads the provenance of the first segment from the response headers; undefined where they are absent. */
export function readProvenanceHeaders(headers: { get(name: string): string | null }): Provenance | undefined {
  const endpoint = headers.get('x-second-source-endpoint');
  if (endpoint === null) return undefined;
  return {
    endpoint,
    vendor: headers.get('x-second-source-vendor') ?? 'unknown',
    silicon: headers.get('x-second-source-silicon') ?? 'unknown',
    evidence: headers.get('x-second-source-evidence') ?? 'unknown',
  };
}

function readSegment(value: unknown): Segment | undefined {
  if (!isRecord(value)) return undefined;
  const endpoint = textOf(value['endpoint']);
  const characters = countOf(value['characters']);
  const outputTokens = countOf(value['output_tokens']);
  if (endpoint === undefined || characters === undefined) return undefined;
  return {
    endpoint,
    vendor: textOf(value['vendor']) ?? 'unknown',
    silicon: textOf(value['silicon']) ?? 'unknown',
    evidence: textOf(value['evidence']) ?? 'unknown',
    // An endpoint that tells no token ids is reported with 0: text without any token is an unknown count, not zero.
    outputTokens: outputTokens === 0 && characters > 0 ? undefined : outputTokens,
    characters,
    continuedBy: textOf(value['continued_by']),
    gapMs: countOf(value['gap_ms']),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}
