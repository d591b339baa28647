import { useCallback, useRef, useState } from 'react';
import type { Trouble } from './answer-draft.ts';
import type { EndpointStatus } from './endpoint-status.ts';
import type { GatewayClient, Received } from './gateway-client.ts';
import { useVisiblePoll } from './use-visible-poll.ts';

const pollEveryMs = 2_000;

/** Whether the gateway answers, as the last look at it showed. */
export type Contact =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'refused'; readonly trouble: Trouble };

export interface FleetView {
  readonly contact: Contact;
  readonly models: readonly string[];
  readonly endpoints: readonly EndpointStatus[];
  /** Why the last switch of an endpoint failed. */
  readonly switchTrouble: string | undefined;
  /** The endpoints as they were last seen, for code that runs between two renderings. */
  readonly seen: () => readonly EndpointStatus[];
  /** Looks again at once, and gives the endpoints as they are now (as last seen, where the gateway is silent). */
  readonly refresh: () => Promise<readonly EndpointStatus[]>;
  /** Gives whether the endpoint was switched. */
  readonly switchEndpoint: (id: string, action: 'unplug' | 'plug') => Promise<boolean>;
}

/** Models and endpoints, looked up every 2 s while the page is visible. */
export function useFleet(gateway: GatewayClient): FleetView {
  const [contact, setContact] = useState<Contact>({ kind: 'connecting' });
  const [models, setModels] = useState<readonly string[]>([]);
  const [endpoints, setEndpoints] = useState<readonly EndpointStatus[]>([]);
  const [switchTrouble, setSwitchTrouble] = useState<string>();
  const lastSeen = useRef<readonly EndpointStatus[]>([]);

  const refresh = useCallback(async () => {
    const [foundModels, foundEndpoints] = await Promise.all([gateway.models(), gateway.endpoints()]);
    if (foundModels.kind === 'received') setModels((known) => (sameList(known, foundModels.value) ? known : foundModels.value));
    if (foundEndpoints.kind === 'received') {
      lastSeen.current = foundEndpoints.value;
      setEndpoints(foundEndpoints.value);
    }
    setContact(contactFrom(foundModels, foundEndpoints));
    return lastSeen.current;
  }, [gateway]);

  const switchEndpoint = useCallback(
    async (id: string, action: 'unplug' | 'plug') => {
      const result = await gateway.switchEndpoint(id, action);
      setSwitchTrouble(result.kind === 'received' ? undefined : `${id} could not be switched: ${reasonOf(result)}`);
      await refresh();
      return result.kind === 'received';
    },
    [gateway, refresh],
  );

  const seen = useCallback(() => lastSeen.current, []);
  useVisiblePoll(refresh, pollEveryMs, true);
  return { contact, models, endpoints, switchTrouble, seen, refresh, switchEndpoint };
}

function contactFrom(...results: readonly Received<unknown>[]): Contact {
  if (results.some(({ kind }) => kind === 'unreachable')) return { kind: 'unreachable' };
  const refused = results.find((result) => result.kind === 'refused');
  return refused === undefined ? { kind: 'connected' } : { kind: 'refused', trouble: refused.trouble };
}

export function reasonOf(result: Exclude<Received<unknown>, { readonly kind: 'received' }>): string {
  return result.kind === 'unreachable' ? 'the gateway cannot be reached.' : result.trouble.message;
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
