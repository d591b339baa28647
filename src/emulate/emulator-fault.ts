import { z } from 'zod';

const afterTokens = z.number().int().min(0);

/** What goes wrong on command. Every fault also reaches the answers that are already under way. */
export const emulatorFaultSchema = z.discriminatedUnion('kind', [
  /** Connections are reset, or refused because nobody listens any more. */
  z.strictObject({ kind: z.literal('down'), how: z.enum(['reset', 'refuse']) }),
  /** Everything takes so many times as long. */
  z.strictObject({ kind: z.literal('slow'), factor: z.number().min(1).max(1_000) }),
  /** New requests get a 429. */
  z.strictObject({ kind: z.literal('rate-limit'), retryAfterS: z.number().int().min(0).max(86_400) }),
  /**
   * The connection ends after so many tokens. With the framing `close` an answer has no chunked encoding, so a cut by
   * FIN looks like its proper end (fault catalogue, rule of proof of success).
   */
  z.strictObject({ kind: z.literal('cut'), afterTokens, ending: z.enum(['fin', 'rst']), framing: z.enum(['chunked', 'close']) }),
  /** Nothing more comes after so many tokens, while the connection stays open. */
  z.strictObject({ kind: z.literal('stall'), afterTokens }),
  /** After so many tokens one event is not JSON; then the answer goes on. */
  z.strictObject({ kind: z.literal('garbage'), afterTokens }),
  /** After so many tokens an error event, `[DONE]` and a proper end, as vLLM 0.32 does when its engine core dies. */
  z.strictObject({ kind: z.literal('error-event'), afterTokens }),
  /** New requests get a 500 with a page of HTML, as from a proxy before a dead engine. */
  z.strictObject({ kind: z.literal('http-500') }),
]);

export type EmulatorFault = z.infer<typeof emulatorFaultSchema>;

/** The body of `POST /control/fault`: null ends the fault. A refusal could not be ended over HTTP, so it is not taken. */
export const faultCommandSchema = z.strictObject({
  fault: emulatorFaultSchema.nullable().refine((fault) => fault?.kind !== 'down' || fault.how === 'reset', {
    message: 'A listener that refuses connections could not be told to recover; use "reset".',
  }),
});

/** The fault in force, and whoever waits for it to change. */
export class FaultSwitch {
  #fault: EmulatorFault | undefined;
  readonly #listeners = new Set<() => void>();

  current(): EmulatorFault | undefined {
    return this.#fault;
  }

  set(fault: EmulatorFault | undefined): void {
    this.#fault = fault;
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after each change; the returned function ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
