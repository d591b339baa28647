import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { isErrno } from '../std/is-errno.ts';
import { replaceFile } from '../admin/state/replace-file.ts';
import type { Clock } from '../std/clock.ts';
import type { StoredProfile } from '../policy/predict/stored-profile.ts';

const figure = z.number().min(0).max(1e12);
const profileSchema = z.object({
  version: z.literal(1),
  deploymentId: z.string().min(1).max(512),
  answers: z.int().min(0),
  firstTokenMs: figure,
  perPromptTokenMs: figure,
  stepMs: figure,
  perSequenceMs: figure,
  perKvTokenMs: figure,
  besideMs: figure,
  kvTokens: figure.optional(),
});
/** Of another version nothing can be told, so those are left out; a file of any other form is a damaged one. */
const fileSchema = z.object({ profiles: z.array(z.union([profileSchema, z.object({ version: z.number() })])).max(10_000) });

/** Some 200 bytes for each of 10,000 deployments. */
const mostBytes = 4 * 1024 * 1024;

export interface ProfileStoreParts {
  readonly clock: Clock;
  readonly say: (message: string) => void;
  readonly profiles: () => readonly StoredProfile[];
}

/** Keeps what was learned in a file, which is replaced as a whole: whoever reads it finds the one before or this one. */
export class ProfileStore {
  readonly #parts: ProfileStoreParts;
  #place: { readonly file: string; readonly everyMs: number };
  #cancel: () => void = () => {};
  #writing: Promise<void> = Promise.resolve();
  #told = false;

  constructor(parts: ProfileStoreParts, place: { readonly file: string; readonly everyMs: number }) {
    this.#parts = parts;
    this.#place = place;
  }

  /** What was kept by the run before; nothing, with a line that says so, where the file cannot be used. */
  async read(): Promise<readonly StoredProfile[]> {
    const { file } = this.#place;
    try {
      if ((await stat(file)).size > mostBytes) throw new Error('it is too large to be one');
      const { profiles } = fileSchema.parse(JSON.parse(await readFile(file, 'utf8')));
      return profiles.flatMap((profile) => profileSchema.safeParse(profile).data ?? []).map(({ kvTokens, ...rest }) => ({ ...rest, kvTokens }));
    } catch (error) {
      if (!isErrno(error, 'ENOENT'))
        this.#parts.say(`the profiles in ${file} cannot be used (${reasonOf(error)}); every endpoint begins from its prior.`);
      return [];
    }
  }

  start(): void {
    this.#cancel = this.#parts.clock.after(this.#place.everyMs, () => {
      void this.#write();
      this.start();
    });
  }

  /** Another place or pace from now on. */
  use(place: { readonly file: string; readonly everyMs: number }): void {
    this.#cancel();
    this.#place = place;
    this.start();
  }

  /** Writes once more what was learned. */
  async stop(): Promise<void> {
    this.#cancel();
    await this.#write();
  }

  /** One after another; a failure is told once, until it succeeds again. */
  #write(): Promise<void> {
    this.#writing = this.#writing.then(async () => {
      const profiles = this.#parts.profiles();
      // Nothing learned is no reason to forget what was.
      if (profiles.length === 0) return;
      try {
        await mkdir(dirname(this.#place.file), { recursive: true, mode: 0o700 });
        await replaceFile(this.#place.file, JSON.stringify({ profiles }));
        this.#told = false;
      } catch (error) {
        if (!this.#told) this.#parts.say(`what was learned of endpoints cannot be kept in ${this.#place.file}: ${reasonOf(error)}`);
        this.#told = true;
      }
    });
    return this.#writing;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) return 'it is none that a gateway wrote';
  return error instanceof SyntaxError ? 'it is damaged' : error instanceof Error ? error.message : String(error);
}
