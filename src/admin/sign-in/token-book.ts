import { z } from 'zod';
import { roles, type Role } from '../roles.ts';
import type { Clock } from '../../std/clock.ts';
import type { StateFile } from '../state/state-file.ts';
import type { StateSecret } from '../state/state-secret.ts';

const tokenSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  /** HMAC of the token: the file tells nobody a token that works. */
  digest: z.string(),
  createdAtWallMs: z.number(),
  expiresAtWallMs: z.number(),
});

export type ControlToken = z.infer<typeof tokenSchema>;

const fileSchema = z.strictObject({ version: z.literal(1), tokens: z.array(tokenSchema) });
const prefix = 'sst_';
const mostTokens = 1000;

export interface TokenSurroundings {
  readonly file: StateFile;
  readonly secret: StateSecret;
  readonly clock: Clock;
  /** 256 random bits as text. */
  readonly newSecret: () => string;
}

/** Tokens by which the CLI and other programs use the control API. Each is shown once and expires. */
export class TokenBook {
  readonly #around: TokenSurroundings;
  #byDigest: ReadonlyMap<string, ControlToken>;

  constructor(around: TokenSurroundings) {
    this.#around = around;
    const text = around.file.read();
    const tokens = text === undefined ? [] : fileSchema.parse(JSON.parse(text)).tokens;
    this.#byDigest = new Map(tokens.map((token) => [token.digest, token]));
  }

  all(): readonly ControlToken[] {
    return [...this.#byDigest.values()];
  }

  find(secret: string): ControlToken | undefined {
    if (!secret.startsWith(prefix)) return undefined;
    const token = this.#byDigest.get(this.#digest(secret));
    return token !== undefined && token.expiresAtWallMs > this.#around.clock.wallMs() ? token : undefined;
  }

  /** Undefined where there are too many; those that expired make room. */
  async create(name: string, role: Role, lastsMs: number): Promise<{ readonly token: ControlToken; readonly secret: string } | undefined> {
    const { clock, newSecret } = this.#around;
    const nowMs = clock.wallMs();
    const kept = this.all().filter(({ expiresAtWallMs }) => expiresAtWallMs > nowMs);
    if (kept.length >= mostTokens) return undefined;
    const secret = `${prefix}${newSecret()}`;
    const digest = this.#digest(secret);
    const token = { id: digest.slice(0, 12), name, role, digest, createdAtWallMs: nowMs, expiresAtWallMs: nowMs + lastsMs };
    await this.#replace([...kept, token]);
    return { token, secret };
  }

  /** False where there is none of this id. */
  async revoke(id: string): Promise<boolean> {
    const left = this.all().filter((token) => token.id !== id);
    if (left.length === this.#byDigest.size) return false;
    await this.#replace(left);
    return true;
  }

  #digest(secret: string): string {
    return this.#around.secret.digest('control tokens', secret);
  }

  async #replace(tokens: readonly ControlToken[]): Promise<void> {
    await this.#around.file.write(JSON.stringify({ version: 1, tokens }, null, 2));
    this.#byDigest = new Map(tokens.map((token) => [token.digest, token]));
  }
}
