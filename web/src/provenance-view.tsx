import { formatMs, knownSegments, segmentWords, siliconName } from './answer-words.ts';
import { isRunning, type Turn } from './chat-state.ts';
import { EvidenceMark } from './evidence-mark.tsx';

/** Which silicon made which part of an answer; with several parts, the legend of the colours in its text. */
export function ProvenanceView({ turn }: { readonly turn: Turn }) {
  const segments = knownSegments(turn);
  if (segments.length === 0) return null;
  const report = turn.draft.report;
  const words = report === undefined ? startWords(turn) : '';
  return (
    <div className="provenance">
      <ol aria-label="Made by">
        {segments.map((segment, index) => (
          <li key={`${index}-${segment.endpoint}`}>
            {segments.length > 1 && <span className={`swatch hue-${index % 4}`} aria-hidden="true" />}
            <span>
              {words}
              {siliconName(segment.vendor, segment.silicon)} · <EvidenceMark evidence={segment.evidence} />
              {` · ${'characters' in segment ? segmentWords(segment) : segment.endpoint}`}
            </span>
          </li>
        ))}
      </ol>
      {report !== undefined && <p className="measures">{measures(report)}</p>}
    </div>
  );
}

/** Before the report comes, only the start is known for sure: after an unplug somebody else may answer. */
function startWords(turn: Turn): string {
  return isRunning(turn) && turn.unplugged.length === 0 ? 'Answering: ' : 'Started on ';
}

function measures({
  attempts,
  overheadMs,
  requestId,
}: {
  readonly attempts: number | undefined;
  readonly overheadMs: number | undefined;
  readonly requestId: string | undefined;
}): string {
  const parts: string[] = [];
  if (attempts !== undefined && attempts > 1) parts.push(`${attempts} attempts`);
  if (overheadMs !== undefined) parts.push(`gateway ${formatMs(overheadMs)}`);
  if (requestId !== undefined) parts.push(requestId);
  return parts.join(' · ');
}
