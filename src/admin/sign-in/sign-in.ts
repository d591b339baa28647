import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { checkPassword } from './password.ts';
import { failure, success, type Result } from '../../std/result.ts';
import { Lockout, usualLockoutRules } from './lockout.ts';
import { totpStep } from './totp.ts';
import type { Clock } from '../../std/clock.ts';
import type { Fault } from '../../std/error-catalogue.ts';
import type { Role } from '../roles.ts';
import type { Sessions } from './sessions.ts';
import type { StateSecret } from '../state/state-secret.ts';
import type { TokenBook } from './token-book.ts';
import type { User, UserBook } from './user-book.ts';

export interface SignInParts {
  readonly users: UserBook;
  readonly tokens: TokenBook;
  readonly sessions: Sessions;
  readonly secret: StateSecret;
  readonly clock: Clock;
  /** Whether an admin needs a second factor, as is so where other machines reach the listener. */
  readonly adminsNeedTotp: boolean;
}

export interface SignedIn {
  readonly user: User;
  /** Of the session: an admin who owes a second factor may only look around and set it up. */
  readonly role: Role;
  readonly owesTotp: boolean;
  readonly secret: string;
  readonly controlToken: string;
}

/** Each costs 32 MiB and a moment of a core: more wait, and many are turned away. */
const mostWaiting = 8;

/** Who may sign in, and who has. */
export class SignIn {
  readonly users: UserBook;
  readonly tokens: TokenBook;
  readonly sessions: Sessions;
  readonly #parts: SignInParts;
  readonly #byNameAndAddress: Lockout;
  readonly #byAddress: Lockout;
  readonly #byName: Lockout;
  readonly #lastSteps = new Map<string, number>();
  #checking: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(parts: SignInParts) {
    this.users = parts.users;
    this.tokens = parts.tokens;
    this.sessions = parts.sessions;
    this.#parts = parts;
    this.#byNameAndAddress = new Lockout(usualLockoutRules, parts.clock);
    // One address may stand for an office, and one name must not be locked by strangers easily.
    this.#byAddress = new Lockout({ ...usualLockoutRules, free: 20 }, parts.clock);
    this.#byName = new Lockout({ ...usualLockoutRules, free: 50 }, parts.clock);
  }

  /** Signs in by name, password and, for whoever has a second factor, code. */
  async begin(name: string, password: string, code: string | undefined, address: string): Promise<Result<SignedIn, Fault>> {
    const checked = await this.check(name, password, code, address);
    if (!checked.ok) return checked;
    const user = checked.value;
    const owesTotp = this.#parts.adminsNeedTotp && user.role === 'admin' && user.totp === null;
    const role = owesTotp ? 'viewer' : user.role;
    return success({ user, role, owesTotp, ...this.sessions.begin(name, role) });
  }

  /** Whether somebody knows a user's secrets. Failures count, and make the next try wait. */
  async check(name: string, password: string, code: string | undefined, address: string): Promise<Result<User, Fault>> {
    const locks = [
      [this.#byNameAndAddress, `${address} ${name}`],
      [this.#byAddress, address],
      [this.#byName, name],
    ] as const;
    const waitMs = Math.max(...locks.map(([lockout, who]) => lockout.waitMs(who)));
    if (waitMs > 0) return failure({ code: 'sign_in_locked', retryAfterMs: waitMs });
    if (this.#waiting >= mostWaiting) return failure({ code: 'overloaded', detail: 'Too many sign-ins are being checked.', retryAfterMs: 1000 });
    const user = this.users.find(name);
    const isRight = (await this.#inTurn(() => checkPassword(password, user?.password))) && user !== undefined && this.#isCode(user, code);
    if (isRight) {
      for (const [lockout, who] of locks) lockout.succeeded(who);
      return success(user);
    }
    for (const [lockout, who] of locks) lockout.failed(who);
    return failure({ code: 'sign_in_refused' });
  }

  /** Whether a code is right for a second factor that is being set up. */
  confirms(sealed: string, code: string): boolean {
    return totpStep(this.#open(sealed), code, this.#parts.clock.wallMs(), -1) !== undefined;
  }

  /** A secret as it stands in the file: sealed with AES-256-GCM. */
  seal(secret: Uint8Array): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#parts.secret.keyFor('second factors'), nonce);
    return Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]).toString('base64url');
  }

  #open(sealed: string): Uint8Array {
    const bytes = Buffer.from(sealed, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', this.#parts.secret.keyFor('second factors'), bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
  }

  #isCode({ name, totp }: User, code: string | undefined): boolean {
    if (totp === null) return true;
    const step = totpStep(this.#open(totp), code ?? '', this.#parts.clock.wallMs(), this.#lastSteps.get(name) ?? -1);
    if (step === undefined) return false;
    this.#lastSteps.set(name, step);
    return true;
  }

  async #inTurn<Value>(run: () => Promise<Value>): Promise<Value> {
    this.#waiting += 1;
    const ran = this.#checking.then(run);
    this.#checking = ran.catch(() => {});
    try {
      return await ran;
    } finally {
      this.#waiting -= 1;
    }
  }
}
