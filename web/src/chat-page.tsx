import { useCallback, useEffect, useRef, useState } from 'react';
import { isRunning } from './chat-state.ts';
import { ChatLog } from './chat-log.tsx';
import { Composer } from './composer.tsx';
import { ContactBanner } from './contact-banner.tsx';
import { EndpointPanel } from './endpoint-panel.tsx';
import { answeringEndpoint } from './endpoint-status.ts';
import type { GatewayClient } from './gateway-client.ts';
import { SecondFactorForm } from './second-factor-form.tsx';
import { RouteSelects } from './route-selects.tsx';
import { useChat } from './use-chat.ts';
import { useFleet } from './use-fleet.ts';
import { useSession } from './use-session.ts';

export function ChatPage({ gateway }: { readonly gateway: GatewayClient }) {
  const fleet = useFleet(gateway);
  const user = useSession(gateway, fleet.refresh);
  const chat = useChat(gateway, fleet);
  const [chosenModel, setChosenModel] = useState<string>();
  const [chosenEndpoint, setChosenEndpoint] = useState<string>();
  const [unplugInMidAnswer, setUnplugInMidAnswer] = useState(false);
  const [text, setText] = useState('');
  const input = useRef<HTMLTextAreaElement>(null);

  const model = chosenModel !== undefined && fleet.models.includes(chosenModel) ? chosenModel : fleet.models[0];
  const servers = fleet.endpoints.filter(({ models }) => model !== undefined && models.includes(model));
  const endpoint = servers.some(({ id }) => id === chosenEndpoint) ? chosenEndpoint : undefined;
  const running = chat.turns.find(isRunning);
  const named = running?.unplugged.includes(running.startedOn?.endpoint ?? '') === true ? undefined : running?.startedOn?.endpoint;
  const answering = running?.status.kind === 'answering' ? answeringEndpoint(named, model ?? '', fleet.endpoints) : undefined;

  useStopKey(chat.busy, chat.stop);
  useFocusBack(chat.busy, input);

  const ask = useCallback(
    (question: string) => {
      const trimmed = question.trim();
      if (model === undefined || chat.busy || trimmed === '') return;
      setText('');
      input.current?.focus();
      chat.ask(trimmed, { model, endpoint, unplugInMidAnswer });
    },
    [chat, endpoint, model, unplugInMidAnswer],
  );

  const startAfresh = (question: string): void => {
    chat.clear();
    setText(question);
    input.current?.focus();
  };

  return (
    <div className="page">
      <header className="bar">
        <h1>Second Source</h1>
        <RouteSelects
          models={fleet.models}
          model={model}
          onModel={setChosenModel}
          servers={servers}
          endpoint={endpoint}
          onEndpoint={setChosenEndpoint}
        />
        <button type="button" className="quiet" disabled={chat.turns.length === 0} onClick={() => startAfresh('')}>
          New chat
        </button>
        {user.session?.signedIn === true && (
          <button type="button" className="quiet" onClick={() => void user.signOut()}>
            Sign out {user.session.name}
          </button>
        )}
      </header>
      <ContactBanner contact={fleet.contact} onSignIn={user.signIn} />
      {user.session?.owesTotp === true && <SecondFactorForm gateway={gateway} onSet={() => void user.again()} />}
      <EndpointPanel fleet={fleet} answering={answering} />
      <main className="chat">
        <ChatLog
          turns={chat.turns}
          endpoints={fleet.endpoints}
          canAsk={model !== undefined}
          starting={fleet.contact.kind !== 'unreachable' && model === undefined}
          onAsk={ask}
          onAgain={(turn) => {
            chat.drop(turn.id);
            setText(turn.question);
            input.current?.focus();
          }}
          onAfresh={(turn) => startAfresh(turn.question)}
          onPlug={(id) => void fleet.switchEndpoint(id, 'plug')}
        />
        <Composer
          input={input}
          text={text}
          onText={setText}
          canAsk={model !== undefined}
          status={running?.status.kind === 'answering' ? 'answering' : chat.busy ? 'waiting' : 'idle'}
          answering={answering}
          unplugInMidAnswer={unplugInMidAnswer}
          onUnplugInMidAnswer={setUnplugInMidAnswer}
          onAsk={() => ask(text)}
          onStop={chat.stop}
          onUnplug={chat.unplugAnswering}
        />
      </main>
    </div>
  );
}

/** Escape stops the answer from wherever the focus is. */
function useStopKey(busy: boolean, stop: () => void): void {
  useEffect(() => {
    if (!busy) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.isComposing) stop();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [busy, stop]);
}

/** When an answer ends, the button that had the focus may be gone; the focus then returns to the input. */
function useFocusBack(busy: boolean, input: { readonly current: HTMLTextAreaElement | null }): void {
  useEffect(() => {
    if (!busy && document.activeElement === document.body) input.current?.focus({ preventScroll: true });
  }, [busy, input]);
}
