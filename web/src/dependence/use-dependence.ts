import { useCallback, useRef, useState } from 'react';
import { useVisiblePoll } from '../use-visible-poll.ts';
import { afterLook, type Dependence, type WindowAsked } from './dependence-state.ts';
import type { GatewayClient } from '../gateway-client.ts';

/** The report sums the ledger, so it is asked for less often than the endpoints are. */
const pollEveryMs = 10_000;

export interface DependenceView {
  readonly dependence: Dependence;
  readonly asked: WindowAsked;
  readonly ask: (window: WindowAsked) => void;
  readonly refresh: () => Promise<void>;
}

/** The report on dependence, looked up every 10 s while it is shown; kept while it is not. */
export function useDependence(gateway: GatewayClient, shown: boolean): DependenceView {
  const [dependence, setDependence] = useState<Dependence>({ kind: 'loading' });
  const [asked, ask] = useState<WindowAsked>('24h');
  const looks = useRef(0);

  const refresh = useCallback(async () => {
    const look = ++looks.current;
    const received = await gateway.dependence(asked);
    // An answer about the window that was chosen before must not replace that of the one chosen now.
    if (look === looks.current) setDependence((before) => afterLook(before, received, asked, Date.now()));
  }, [gateway, asked]);

  useVisiblePoll(refresh, pollEveryMs, shown);
  return { dependence, asked, ask, refresh };
}
