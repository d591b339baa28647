import { useEffect, useRef } from 'react';
import { isRunning, type Turn } from './chat-state.ts';
import type { EndpointStatus } from './endpoint-status.ts';
import { TurnView } from './turn-view.tsx';

const suggestions = ['What is Second Source?', 'Tell me a long story about chips.', '세컨드 소스가 뭐야?', 'What is 12 + 30?', 'Name the vendors.'];

/** Within this of the end, the reader is taken to follow the answer. */
const followsWithinPx = 80;

interface ChatLogProps {
  readonly turns: readonly Turn[];
  readonly endpoints: readonly EndpointStatus[];
  readonly canAsk: boolean;
  readonly starting: boolean;
  readonly onAsk: (question: string) => void;
  readonly onAgain: (turn: Turn) => void;
  readonly onAfresh: (turn: Turn) => void;
  readonly onPlug: (endpoint: string) => void;
}

export function ChatLog({ turns, endpoints, canAsk, starting, onAsk, onAgain, onAfresh, onPlug }: ChatLogProps) {
  const scroller = useFollow(turns);
  const busy = turns.some(isRunning);
  return (
    <div className="scroller" ref={scroller} tabIndex={turns.length === 0 ? -1 : 0} role="region" aria-label="Chat">
      {turns.length === 0 && (
        <section className="empty">
          <h2>{starting ? 'Starting' : 'Ask any chip'}</h2>
          <p>
            {starting
              ? 'No model is ready yet. The page goes on by itself when one is.'
              : 'Each answer says which silicon wrote which part of it. Unplug an endpoint while it answers, and another goes on with the same text.'}
          </p>
          <div className="suggestions">
            {suggestions.map((question) => (
              <button key={question} type="button" disabled={!canAsk} onClick={() => onAsk(question)}>
                {question}
              </button>
            ))}
          </div>
        </section>
      )}
      {/* While busy, screen readers wait for the whole answer rather than read every piece of it. */}
      <div role="log" aria-live="polite" aria-busy={busy}>
        {turns.map((turn, index) => (
          <TurnView
            key={turn.id}
            turn={turn}
            last={index === turns.length - 1}
            endpoints={endpoints}
            onAgain={onAgain}
            onAfresh={onAfresh}
            onPlug={onPlug}
          />
        ))}
      </div>
    </div>
  );
}

/** Keeps the end of the chat in view, unless the reader scrolled up to read. */
function useFollow(turns: readonly Turn[]) {
  const scroller = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  const count = useRef(0);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const onScroll = (): void => {
      follows.current = element.scrollHeight - element.scrollTop - element.clientHeight < followsWithinPx;
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => element.removeEventListener('scroll', onScroll);
  }, []);
  useEffect(() => {
    const element = scroller.current;
    const asked = turns.length > count.current;
    count.current = turns.length;
    if (element !== null && (asked || follows.current)) element.scrollTop = element.scrollHeight;
  }, [turns]);
  return scroller;
}
