import type { ExplainedCandidate, Explanation } from '../policy/choice/explain-choice.ts';

/** The header by which a request asks why it goes where it goes, and by which it is told. */
export const explainHeader = 'x-second-source-explain';

/** Clients and proxies take some 8 KiB of headers in all. */
const mostCharacters = 3072;

/** The fate of each candidate as one line of JSON in ASCII; with many, the first and how many more there are. */
export function explainValue({ model, outcome, candidates }: Explanation): string {
  const told: string[] = [];
  let length = 0;
  for (const candidate of candidates) {
    const text = asciiJson(brief(candidate));
    length += text.length + 1;
    if (length > mostCharacters) break;
    told.push(text);
  }
  const more = candidates.length - told.length;
  const head = asciiJson({ model: model.slice(0, 128), outcome, ...(more === 0 ? {} : { more }) }).slice(0, -1);
  return `${head},"candidates":[${told.join(',')}]}`;
}

function brief({ endpointId, silicon, verdict, why, expected }: ExplainedCandidate): object {
  const place = { endpoint: endpointId, vendor: silicon.vendor, evidence: silicon.evidence, verdict, why };
  if (expected === undefined) return place;
  const { ttftMs, tpotMs, usd, ttftEvidence } = expected;
  const basis = ttftEvidence.kind === 'measured' ? `${ttftEvidence.answers} answers` : `prior: ${ttftEvidence.from}`;
  return { ...place, ttft_ms: rounded(ttftMs), tpot_ms: rounded(tpotMs), usd: usd ?? null, basis };
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** Header values are Latin-1 without control characters (RFC 9110 §5.5): anything else is escaped. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
