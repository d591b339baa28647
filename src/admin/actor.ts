import type { Access } from './roles.ts';

/** Who asks the control API, as the audit log names them. */
export interface Actor {
  /**
   * `local`: whoever reaches a listener on loopback that has no users, which is the operator of this machine; `gateway`:
   * the gateway itself, by a signal for instance; `nobody`: has not signed in.
   */
  readonly kind: 'local' | 'user' | 'token' | 'gateway' | 'nobody';
  readonly name: string;
  readonly role: Access;
  /** Where they ask from. */
  readonly address: string;
}

export function nobody(address: string): Actor {
  return { kind: 'nobody', name: 'nobody', role: 'anybody', address };
}
