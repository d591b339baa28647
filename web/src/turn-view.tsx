import { memo } from 'react';
import { outcomeWords } from './answer-words.ts';
import { isRunning, type AnswerStatus, type Turn } from './chat-state.ts';
import type { EndpointStatus } from './endpoint-status.ts';
import { ProvenanceView } from './provenance-view.tsx';
import { splitBySegments } from './split-by-segments.ts';

interface TurnViewProps {
  readonly turn: Turn;
  readonly last: boolean;
  readonly endpoints: readonly EndpointStatus[];
  readonly onAgain: (turn: Turn) => void;
  readonly onAfresh: (turn: Turn) => void;
  readonly onPlug: (endpoint: string) => void;
}

export function TurnView({ turn, last, endpoints, onAgain, onAfresh, onPlug }: TurnViewProps) {
  const { question, status, draft } = turn;
  const outcome = outcomeWords(turn);
  const stillUnplugged = isRunning(turn) ? [] : endpoints.filter(({ id, state }) => state === 'unplugged' && turn.unplugged.includes(id));
  const failed = status.kind === 'incomplete' || status.kind === 'stopped';
  return (
    <article className="turn">
      <p className="question">
        <span className="away">You: </span>
        {question}
      </p>
      <div className={failed ? 'answer failed' : 'answer'}>
        {draft.reasoning !== '' && (
          <details className="reasoning">
            <summary>Reasoning</summary>
            <p>{draft.reasoning}</p>
          </details>
        )}
        <AnswerText turn={turn} />
        <StatusLine status={status} partial={draft.text !== ''} />
        <ProvenanceView turn={turn} />
        {outcome !== undefined && <p className="outcome">{outcome}</p>}
        {((failed && last) || stillUnplugged.length > 0) && (
          <p className="actions">
            {failed && last && (
              <button type="button" onClick={() => onAgain(turn)}>
                Edit and ask again
              </button>
            )}
            {failed && last && tooLong(status) && (
              <button type="button" onClick={() => onAfresh(turn)}>
                Ask in a new chat
              </button>
            )}
            {stillUnplugged.map(({ id }) => (
              <button key={id} type="button" onClick={() => onPlug(id)}>{`Plug in ${id}`}</button>
            ))}
          </p>
        )}
      </div>
    </article>
  );
}

/** The answer's text, never as HTML. With several segments each is underlined in its own colour. */
const AnswerText = memo(function AnswerText({ turn }: { readonly turn: Turn }) {
  const { draft } = turn;
  const segments = draft.report?.segments ?? [];
  const running = isRunning(turn);
  if (draft.text === '')
    return running ? (
      <p className="text">
        <span className="caret" />
      </p>
    ) : null;
  const several = segments.filter(({ characters }) => characters > 0).length > 1;
  if (!several)
    return (
      <p className="text">
        {draft.text}
        {running && <span className="caret" />}
      </p>
    );
  return (
    <p className="text">
      {splitBySegments(draft.text, segments).map(({ text, segment }) => (
        <span key={segment ?? 'rest'} className={segment === undefined ? undefined : `segment hue-${segment % 4}`}>
          {text}
        </span>
      ))}
    </p>
  );
});

function StatusLine({ status, partial }: { readonly status: AnswerStatus; readonly partial: boolean }) {
  const verdict = <strong>{partial ? 'Incomplete.' : 'No answer.'}</strong>;
  switch (status.kind) {
    case 'waiting':
      return <p className="hint">Waiting for the first token</p>;
    case 'stopped':
      return <p className="fault">{verdict} You stopped it.</p>;
    case 'incomplete':
      return (
        <p className="fault">
          {verdict} {status.trouble.message} <code>{status.trouble.code}</code>
        </p>
      );
    default:
      return null;
  }
}

function tooLong(status: AnswerStatus): boolean {
  return status.kind === 'incomplete' && status.trouble.code === 'context_length_exceeded';
}
