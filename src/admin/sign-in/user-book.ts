import { z } from 'zod';
import { passwordHashSchema } from './password.ts';
import { roles } from '../roles.ts';
import type { StateFile } from '../state/state-file.ts';

/** Names stand in the audit log and in paths. */
export const userName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, 'a name of at most 64 letters, digits, dots, hyphens, underscores and @');

const userSchema = z.strictObject({
  name: userName,
  role: z.enum(roles),
  password: passwordHashSchema,
  /** Sealed with the state's secret; null where this user signs in without a code. */
  totp: z.string().nullable(),
  createdAtWallMs: z.number(),
  changedAtWallMs: z.number(),
});

export type User = z.infer<typeof userSchema>;

const fileSchema = z.strictObject({ version: z.literal(1), users: z.array(userSchema).max(1000) });

/** Who may sign in, in a file of the state directory. */
export class UserBook {
  readonly #file: StateFile;
  #users: ReadonlyMap<string, User>;

  constructor(file: StateFile) {
    this.#file = file;
    const text = file.read();
    const users = text === undefined ? [] : fileSchema.parse(JSON.parse(text)).users;
    this.#users = new Map(users.map((user) => [user.name, user]));
  }

  get isEmpty(): boolean {
    return this.#users.size === 0;
  }

  all(): readonly User[] {
    return [...this.#users.values()];
  }

  find(name: string): User | undefined {
    return this.#users.get(name);
  }

  async put(user: User): Promise<void> {
    await this.#replace(new Map([...this.#users, [user.name, user]]));
  }

  async remove(name: string): Promise<void> {
    const left = new Map(this.#users);
    left.delete(name);
    await this.#replace(left);
  }

  /** What is not on disk does not hold. */
  async #replace(users: ReadonlyMap<string, User>): Promise<void> {
    await this.#file.write(JSON.stringify({ version: 1, users: [...users.values()] }, null, 2));
    this.#users = users;
  }
}
