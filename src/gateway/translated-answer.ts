import { SseDecoder } from '../protocol/decode-sse.ts';
import type { ClientAnswer, Reply } from './client-answer.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { Provenance } from '../upstream/provenance.ts';
import type { StreamTranslation } from '../protocol/stream-translation.ts';

const encoder = new TextEncoder();
/** What the relay writes was within the limits when it came, and grows by its own members only. */
const unlimited = { lineBytes: Infinity, eventBytes: Infinity };

/**
 * A client of another API. The relay writes chat completions to it, so that failover, continuation, repetition and
 * ledger know one form only; what the client is sent is that, in its own API's words.
 */
export class TranslatedAnswer implements ClientAnswer {
  readonly #client: ClientAnswer;
  readonly #translation: StreamTranslation;
  readonly #decoder = new SseDecoder(unlimited);

  constructor(client: ClientAnswer, translation: StreamTranslation) {
    this.#client = client;
    this.#translation = translation;
  }

  get begun(): boolean {
    return this.#client.begun;
  }

  commit(provenance: Provenance): void {
    this.#client.commit(provenance);
    this.#say(this.#translation.begin());
  }

  write(bytes: Uint8Array): boolean {
    const events = this.#decoder.push(bytes);
    if (!events.ok) return true;
    const said = events.value.map((event) => (event.kind === 'event' ? this.#translation.push(event.data) : this.#translation.heartbeat()));
    return this.#say(said.join(''));
  }

  onDrain(run: () => void): void {
    this.#client.onDrain(run);
  }

  onGone(run: () => void): void {
    this.#client.onGone(run);
  }

  send(reply: Reply): void {
    this.#client.send(reply);
  }

  end(): void {
    this.#say(this.#translation.end());
    this.#client.end();
  }

  fail(fault: Fault): void {
    this.#client.fail(fault, encoder.encode(this.#translation.failed(fault)));
  }

  #say(text: string): boolean {
    return text === '' || this.#client.write(encoder.encode(text));
  }
}
