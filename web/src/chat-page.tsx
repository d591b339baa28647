import { useEffect } from 'react';
import { ChatLog } from './chat-log.tsx';
import { Composer } from './composer.tsx';
import { EndpointPanel } from './endpoint-panel.tsx';
import type { ChatDesk } from './use-chat-desk.ts';
import type { FleetView } from './use-fleet.ts';

interface ChatPageProps {
  readonly desk: ChatDesk;
  readonly fleet: FleetView;
  readonly shown: boolean;
}

/** The chat and the endpoints beside it. While another page is shown it stays as it is, unseen, and keeps its place. */
export function ChatPage({ desk, fleet, shown }: ChatPageProps) {
  const { chat, model, answering, running, input } = desk;
  useStopKey(shown && chat.busy, chat.stop);
  useFocusBack(shown, chat.busy, input);
  return (
    <>
      <EndpointPanel fleet={fleet} answering={answering} shown={shown} />
      <main className={shown ? 'chat' : 'chat unseen'}>
        <ChatLog
          turns={chat.turns}
          endpoints={fleet.endpoints}
          canAsk={model !== undefined}
          starting={fleet.contact.kind !== 'unreachable' && model === undefined}
          onAsk={desk.ask}
          onAgain={desk.again}
          onAfresh={(turn) => desk.startAfresh(turn.question)}
          onPlug={(id) => void fleet.switchEndpoint(id, 'plug')}
        />
        <Composer
          input={input}
          text={desk.text}
          onText={desk.onText}
          canAsk={model !== undefined}
          status={running?.status.kind === 'answering' ? 'answering' : chat.busy ? 'waiting' : 'idle'}
          answering={answering}
          unplugInMidAnswer={desk.unplugInMidAnswer}
          onUnplugInMidAnswer={desk.onUnplugInMidAnswer}
          onAsk={() => desk.ask(desk.text)}
          onStop={chat.stop}
          onUnplug={chat.unplugAnswering}
        />
      </main>
    </>
  );
}

/** Escape stops the answer from wherever on this page the focus is. */
function useStopKey(on: boolean, stop: () => void): void {
  useEffect(() => {
    if (!on) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.isComposing) stop();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [on, stop]);
}

/** When an answer ends, the button that had the focus may be gone; the focus then returns to the input. */
function useFocusBack(shown: boolean, busy: boolean, input: { readonly current: HTMLTextAreaElement | null }): void {
  useEffect(() => {
    if (shown && !busy && document.activeElement === document.body) input.current?.focus({ preventScroll: true });
  }, [shown, busy, input]);
}
