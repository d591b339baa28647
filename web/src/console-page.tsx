import { useCallback } from 'react';
import { ChatPage } from './chat-page.tsx';
import { ContactBanner } from './contact-banner.tsx';
import { DependencePage } from './dependence/dependence-page.tsx';
import { useDependence } from './dependence/use-dependence.ts';
import { PageLinks } from './page-links.tsx';
import { RouteSelects } from './route-selects.tsx';
import { SecondFactorForm } from './second-factor-form.tsx';
import { useChatDesk } from './use-chat-desk.ts';
import { useFleet } from './use-fleet.ts';
import { useSession } from './use-session.ts';
import { useShownPage } from './use-shown-page.ts';
import type { GatewayClient } from './gateway-client.ts';

/** What every page shares: who uses it, whether the gateway answers, and the way from one page to another. */
export function ConsolePage({ gateway }: { readonly gateway: GatewayClient }) {
  const shown = useShownPage();
  const fleet = useFleet(gateway);
  const dependence = useDependence(gateway, shown === 'dependence');
  const { refresh: lookAtFleet } = fleet;
  const { refresh: lookAtDependence } = dependence;
  const lookAgain = useCallback(() => Promise.all([lookAtFleet(), lookAtDependence()]), [lookAtFleet, lookAtDependence]);
  const user = useSession(gateway, lookAgain);
  const desk = useChatDesk(gateway, fleet);

  return (
    <div className="page">
      <header className="bar">
        <h1>Second Source</h1>
        <PageLinks shown={shown} answering={desk.chat.busy} />
        {shown === 'chat' && (
          <>
            <RouteSelects
              models={fleet.models}
              model={desk.model}
              onModel={desk.onModel}
              servers={desk.servers}
              endpoint={desk.endpoint}
              onEndpoint={desk.onEndpoint}
            />
            <button type="button" className="quiet" disabled={desk.chat.turns.length === 0} onClick={() => desk.startAfresh('')}>
              New chat
            </button>
          </>
        )}
        {user.session?.signedIn === true && (
          <button type="button" className="quiet" onClick={() => void user.signOut()}>
            Sign out {user.session.name}
          </button>
        )}
      </header>
      <ContactBanner contact={fleet.contact} onSignIn={user.signIn} />
      {user.session?.owesTotp === true && <SecondFactorForm gateway={gateway} onSet={() => void user.again()} />}
      <ChatPage desk={desk} fleet={fleet} shown={shown === 'chat'} />
      {shown === 'dependence' && <DependencePage view={dependence} />}
    </div>
  );
}
