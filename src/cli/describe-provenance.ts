import { siliconName } from './silicon-name.ts';
import type { AnswerProvenance } from './chat-answer.ts';

/** Which silicon made which part of an answer, one line a segment. */
export function describeProvenance(provenance: AnswerProvenance | undefined): string[] {
  if (provenance === undefined) return ['The answer does not say which silicon made it.'];
  const { segments, attempts, request_id: requestId } = provenance;
  const lines = segments.map((segment, index) => {
    const amount = (segment.output_tokens ?? 0) > 0 ? `${segment.output_tokens} tokens` : `${segment.characters} characters`;
    const gap = index === 0 || segment.gap_ms === null ? '' : `, after a gap of ${Math.round(segment.gap_ms)} ms`;
    return `${index === 0 ? 'answered by' : continuedBy(segment.continued_by)} ${describeSilicon(segment)}, endpoint ${segment.endpoint}: ${amount}${gap}`;
  });
  return [...lines, `request ${requestId}, ${attempts} attempt${attempts === 1 ? '' : 's'}, ${provenance.overhead_ms} ms in the gateway`];
}

function continuedBy(how: string | null | undefined): string {
  if (how === 'exact') return 'continued exactly by';
  if (how === 'token-ids') return 'continued from the same tokens by';
  return how === 'prefill' ? 'continued from the text by' : 'continued by';
}

function describeSilicon({ vendor, silicon, evidence }: AnswerProvenance['segments'][number]): string {
  if (evidence === 'unknown') return 'unknown silicon';
  return evidence === 'emulated'
    ? `an EMULATED ${siliconName(vendor, silicon)} (computed on this machine)`
    : `${siliconName(vendor, silicon)} (${evidence})`;
}
