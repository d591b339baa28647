import type { Turn } from './chat-state.ts';
import type { Provenance, Segment } from './segment.ts';

const vendorNames: ReadonlyMap<string, string> = new Map([
  ['amd', 'AMD'],
  ['ampere', 'Ampere'],
  ['apple', 'Apple'],
  ['arm', 'Arm'],
  ['aws', 'AWS'],
  ['cambricon', 'Cambricon'],
  ['cerebras', 'Cerebras'],
  ['d-matrix', 'd-Matrix'],
  ['furiosa', 'FuriosaAI'],
  ['google', 'Google'],
  ['graphcore', 'Graphcore'],
  ['groq', 'Groq'],
  ['huawei', 'Huawei'],
  ['ibm', 'IBM'],
  ['intel', 'Intel'],
  ['meta', 'Meta'],
  ['microsoft', 'Microsoft'],
  ['moore-threads', 'Moore Threads'],
  ['nvidia', 'NVIDIA'],
  ['qualcomm', 'Qualcomm'],
  ['rebellions', 'Rebellions'],
  ['sambanova', 'SambaNova'],
  ['tenstorrent', 'Tenstorrent'],
]);

/** The vendor as it writes itself; one that this page does not know, as the configuration writes it. */
export function vendorName(vendor: string): string {
  return vendorNames.get(vendor.toLowerCase()) ?? vendor;
}

/** The chip with its vendor in front, where its own name does not say it already: `NVIDIA H100`, `AMD EPYC 9B14`. */
export function siliconName(vendor: string, chip: string): string {
  const known = vendor !== '' && vendor !== 'unknown';
  const name = vendorName(vendor);
  if (chip === '' || chip === 'unknown') return known ? `${name}, chip unknown` : 'unknown silicon';
  return !known || chip.toLowerCase().includes(vendor.toLowerCase()) ? chip : `${name} ${chip}`;
}

/** What each kind of evidence means, for the reader who hovers over it. */
export function evidenceMeaning(evidence: string): string {
  switch (evidence) {
    case 'measured':
      return 'Read from the device itself.';
    case 'attested':
      return 'Signed by the device.';
    case 'declared':
      return 'Said so in the configuration.';
    case 'inferred':
      return 'Known from the host’s name.';
    case 'emulated':
      return 'Only behaves like this chip. Its tokens were not computed on it.';
    default:
      return 'Nobody told which silicon this is.';
  }
}

/** `engine-1 · 42 tokens · continued after 12 ms`: what follows silicon and evidence of one segment. */
export function segmentWords({ endpoint, outputTokens, continuedBy, gapMs }: Segment): string {
  const words = [endpoint];
  if (outputTokens !== undefined) words.push(outputTokens === 1 ? '1 token' : `${outputTokens} tokens`);
  if (gapMs !== undefined) words.push(`continued ${continuedWords(continuedBy)}after ${formatMs(gapMs)}`);
  return words.join(' · ');
}

function continuedWords(continuedBy: string | undefined): string {
  if (continuedBy === 'exact') return 'exactly ';
  if (continuedBy === 'token-ids') return 'from the same tokens ';
  return continuedBy === 'prefill' ? 'from the text ' : '';
}

/** What became of an answer, in one sentence; undefined where there is nothing to add to it. */
export function outcomeWords({ status, draft, unplugged, unplugMissed }: Turn): string | undefined {
  const segments = draft.report?.segments ?? [];
  const parts: string[] = [];
  const lost = unplugged.join(' and ');
  const was = unplugged.length > 1 ? 'were' : 'was';
  const rest = segments
    .slice(1)
    .map(({ endpoint }) => endpoint)
    .join(' and ');
  if (lost !== '' && (status.kind === 'waiting' || status.kind === 'answering')) {
    parts.push(`${lost} ${was} unplugged.`);
  } else if (lost !== '' && status.kind === 'complete') {
    parts.push(
      rest === ''
        ? `${lost} ${was} unplugged, but the whole answer had come by then.`
        : `${lost} ${was} unplugged in mid-answer, and ${rest} went on with it.`,
    );
  } else if (lost !== '') {
    parts.push(`${lost} ${was} unplugged in mid-answer.`);
  } else if (rest !== '') {
    parts.push(`${segments[0]?.endpoint ?? 'The first endpoint'} was lost in mid-answer, and ${rest} went on with it.`);
  }
  if (unplugMissed && lost === '') parts.push('The answer ended before anything could be unplugged.');
  if (status.kind === 'complete' && status.finishReason === 'length') parts.push('It ends here because the token limit was reached.');
  if (status.kind === 'complete' && status.finishReason === 'content_filter') parts.push('It ends here because a content filter stopped it.');
  return parts.length === 0 ? undefined : parts.join(' ');
}

/** What is known of where an answer runs or ran, as segments: the report, or before it what the headers said. */
export function knownSegments({ draft, startedOn }: Turn): readonly (Segment | Provenance)[] {
  if (draft.report !== undefined && draft.report.segments.length > 0) return draft.report.segments;
  return startedOn === undefined ? [] : [startedOn];
}

export function formatMs(ms: number): string {
  if (ms >= 1_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms >= 10 || Number.isInteger(ms) ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}

/** `just now`, `12 s ago`, `5 min ago`, `3 h ago`; both times in milliseconds since the epoch. */
export function agoWords(atWallMs: number, wallMs: number): string {
  const seconds = Math.round((wallMs - atWallMs) / 1_000);
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  return seconds < 3_600 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3_600)} h ago`;
}
