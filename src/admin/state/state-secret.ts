import { createHmac, hkdfSync } from 'node:crypto';
import { join } from 'node:path';
import { ownSecret, type OwnSecretFailure } from './own-secret.ts';

const secretBytes = 32;

/**
 * The secret of this gateway's control state: the one that was configured, else that of a file which the first start
 * makes, readable for this user alone. Without it, nothing in the state directory tells a token or a code.
 */
export class StateSecret {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  static in(directory: string): StateSecret {
    const secret = ownSecret(join(directory, 'control-secret'));
    if (!secret.ok) throw new Error(sayingOf(secret.failure));
    return new StateSecret(secret.value);
  }

  /** A key for one purpose; whoever knows one learns nothing of the others (RFC 5869). */
  keyFor(purpose: string): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#secret, '', purpose, secretBytes));
  }

  /** Stands for a secret where the secret itself must not be kept. */
  digest(purpose: string, secret: string): string {
    return createHmac('sha256', this.keyFor(purpose)).update(secret).digest('base64url');
  }
}

function sayingOf(problem: OwnSecretFailure): string {
  switch (problem.kind) {
    case 'cut-short':
      return 'it is cut short: restore it from a backup';
    case 'removed':
      return 'it was removed meanwhile: start again';
    case 'unmade':
    case 'unreadable':
      return problem.error instanceof Error ? problem.error.message : String(problem.error);
  }
}
