import { useCallback, useEffect, useState } from 'react';
import { reasonOf } from './use-fleet.ts';
import type { GatewayClient } from './gateway-client.ts';
import type { Session } from './session.ts';

export interface SessionView {
  /** Undefined until the gateway has said who uses the page. */
  readonly session: Session | undefined;
  /** Resolves to why it was refused, or to nothing. */
  readonly signIn: (name: string, password: string, code: string) => Promise<string | undefined>;
  readonly signOut: () => Promise<void>;
  /** Asks again who uses the page. */
  readonly again: () => Promise<void>;
}

/** Who uses the page. `changed` runs after somebody signed in or out. */
export function useSession(gateway: GatewayClient, changed: () => Promise<unknown>): SessionView {
  const [session, setSession] = useState<Session>();
  const look = useCallback(async () => {
    const received = await gateway.session();
    if (received.kind === 'received') setSession(received.value);
  }, [gateway]);
  useEffect(() => void look(), [look]);
  const again = async (): Promise<void> => {
    await look();
    await changed();
  };
  return {
    session,
    signIn: async (name, password, code) => {
      const received = await gateway.signIn(name, password, code);
      if (received.kind !== 'received') return reasonOf(received);
      setSession(received.value);
      await changed();
      return undefined;
    },
    signOut: async () => {
      await gateway.signOut();
      await again();
    },
    again,
  };
}
