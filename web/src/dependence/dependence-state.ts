import { reasonOf } from '../use-fleet.ts';
import type { DependenceReport } from './dependence-report.ts';
import type { Received } from '../gateway-client.ts';

/** How far back a report may look. */
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

/** What is known after a look. A report stays when contact is lost, but not when whoever looks may no longer see it. */
export function afterLook(before: Dependence, received: Received<DependenceReport>, asked: WindowAsked, wallMs: number): Dependence {
  if (received.kind === 'received')
    return { kind: 'known', report: received.value, receivedAtWallMs: wallMs, lookedAtWallMs: wallMs, asked, stale: undefined };
  if (received.kind === 'refused' && received.status === 401) return { kind: 'signed-out' };
  const why = reasonOf(received);
  if (before.kind !== 'known' || (received.kind === 'refused' && received.status === 403)) return { kind: 'failed', why };
  return { ...before, lookedAtWallMs: wallMs, stale: why };
}
