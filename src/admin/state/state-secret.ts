import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isErrno } from './is-errno.ts';

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
    const path = join(directory, 'control-secret');
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    try {
      writeFileSync(path, `${randomBytes(secretBytes).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
    return new StateSecret(readFileSync(path, 'utf8').trim());
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
