import type { AttemptFailure } from './attempt-failure.ts';

/**
 * What a failure says of the key that was sent, apart from its endpoint: that it is refused or its account empty
 * (401, 402, 403 and a spent quota; faults 13 and 17), or that it asked for too much lately (429; fault 12).
 */
export function keyFault({ class: kind, fault, health }: AttemptFailure): 'refused' | 'busy' | undefined {
  if (kind === 'refused' && fault.code === 'rate_limit_exceeded') return 'busy';
  if (kind !== 'upstream-fault' || health.kind !== 'unusable') return undefined;
  // A redirect makes an endpoint unusable too, whatever the key.
  return fault.code === 'upstream_auth' || fault.code === 'upstream_unreachable' ? 'refused' : undefined;
}
