import { useCallback, useRef, useState } from 'react';
import { reasonOf } from '../use-fleet.ts';
import { useVisiblePoll } from '../use-visible-poll.ts';
import type { DependenceReport } from './dependence-report.ts';
import type { GatewayClient, Received } from '../gateway-client.ts';

/** The report sums the ledger, so it is asked for less often than the endpoints are. */
const pollEveryMs = 10_000;

export const windows = [
  { asked: '1h', name: 'last hour' },
  { asked: '24h', name: 'last 24 hours' },
  { asked: '7d', name: 'last 7 days' },
] as const;
export type WindowAsked = (typeof windows)[number]['asked'];

export type Dependence =
  | { readonly kind: 'loading' }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'failed'; readonly why: string }
  | {
      readonly kind: 'known';
      readonly report: DependenceReport;
      readonly receivedAtWallMs: number;
      /** When it was last asked for: an age counts up to here. */
      readonly lookedAtWallMs: number;
      /** The window that was asked for when it came. */
      readonly asked: WindowAsked;
      /** Why nothing newer came; undefined where the last look succeeded. */
      readonly stale: string | undefined;
    };

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

/** What is known after a look. A report stays when contact is lost, but not when whoever looks may no longer see it. */
export function afterLook(before: Dependence, received: Received<DependenceReport>, asked: WindowAsked, wallMs: number): Dependence {
  if (received.kind === 'received')
    return { kind: 'known', report: received.value, receivedAtWallMs: wallMs, lookedAtWallMs: wallMs, asked, stale: undefined };
  if (received.kind === 'refused' && received.status === 401) return { kind: 'signed-out' };
  const why = reasonOf(received);
  if (before.kind !== 'known' || (received.kind === 'refused' && received.status === 403)) return { kind: 'failed', why };
  return { ...before, lookedAtWallMs: wallMs, stale: why };
}
