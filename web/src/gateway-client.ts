import { emptyDraft, incomplete, readTrouble, type AnswerDraft, type Trouble } from './answer-draft.ts';
import { bytesOf } from './bytes-of.ts';
import { readDependence, type DependenceReport } from './dependence/dependence-report.ts';
import { readEndpoints, readModels, type EndpointStatus } from './endpoint-status.ts';
import { readAnswer, type AnswerRead } from './read-answer.ts';
import { readDrawnTotp, readSession, type DrawnTotp, type Session } from './session.ts';
import { readProvenanceHeaders, type Provenance } from './segment.ts';

/** Far above any list or error body of the gateway. */
const largestBodyBytes = 1_048_576;
const answersWithinMs = 5_000;
/** A report names every model × class × loss, and sums the ledger for it. */
const largestReportBytes = 8_388_608;
const reportsWithinMs = 20_000;

/** A value from the gateway, or why there is none. */
export type Received<T> =
  | { readonly kind: 'received'; readonly value: T }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'refused'; readonly status: number; readonly trouble: Trouble };

export interface Message {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export interface Question {
  readonly model: string;
  readonly messages: readonly Message[];
  /** The endpoint to try first; the gateway chooses where it is undefined. Others still take over if it fails. */
  readonly endpoint: string | undefined;
}

interface CallInit {
  readonly method?: 'POST' | 'PUT' | 'DELETE';
  readonly body?: string;
  readonly mostBytes?: number;
  readonly withinMs?: number;
}

export interface AnswerListener {
  /** The response headers came: `provenance` is that of the first segment. */
  readonly onStarted: (provenance: Provenance | undefined) => void;
  readonly onProgress: (draft: AnswerDraft) => void;
}

/** The control API as this page uses it. No method rejects. */
export class GatewayClient {
  readonly #fetch: typeof fetch;
  /** What the control header holds: of whoever signed in, their session's own token. */
  #controlToken = '1';

  constructor(fetchLike: typeof fetch) {
    this.#fetch = fetchLike;
  }

  /** Who uses this page, and whether they must sign in. */
  async session(): Promise<Received<Session>> {
    return this.#kept(await this.#call('/control/v1/session', {}, readSession));
  }

  async signIn(name: string, password: string, code: string): Promise<Received<Session>> {
    const body = JSON.stringify({ name, password, ...(code === '' ? {} : { code }) });
    return this.#kept(await this.#call('/control/v1/session', { method: 'POST', body }, readSession));
  }

  /** Draws a secret for a second factor of one's own. */
  drawTotp(): Promise<Received<DrawnTotp>> {
    return this.#call('/control/v1/session/totp', { method: 'POST' }, readDrawnTotp);
  }

  /** Sets it; with that, everybody who signed in under this name is signed out. */
  setTotp(password: string, sealed: string, code: string): Promise<Received<true>> {
    return this.#call('/control/v1/session/totp', { method: 'PUT', body: JSON.stringify({ password, sealed, code }) }, () => true as const);
  }

  async signOut(): Promise<void> {
    await this.#call('/control/v1/session', { method: 'DELETE' }, () => true as const);
    this.#controlToken = '1';
  }

  models(): Promise<Received<readonly string[]>> {
    return this.#call('/control/v1/models', {}, readModels);
  }

  endpoints(): Promise<Received<readonly EndpointStatus[]>> {
    return this.#call('/control/v1/endpoints', {}, readEndpoints);
  }

  /** `window`: how far back, such as `24h`. */
  dependence(window: string): Promise<Received<DependenceReport>> {
    const limits = { mostBytes: largestReportBytes, withinMs: reportsWithinMs };
    return this.#call(`/control/v1/dependence?window=${encodeURIComponent(window)}`, limits, readDependence);
  }

  /** Unplugs an endpoint, so that its running answers are lost there, or plugs it in again. */
  switchEndpoint(id: string, action: 'unplug' | 'plug'): Promise<Received<true>> {
    return this.#call(`/control/v1/endpoints/${encodeURIComponent(id)}/${action}`, { method: 'POST' }, () => true as const);
  }

  /** Asks and reads the whole answer; aborting `signal` stops it. */
  async ask(question: Question, signal: AbortSignal, listener: AnswerListener): Promise<AnswerRead> {
    let response: Response;
    try {
      response = await this.#fetch('/control/v1/chat', {
        method: 'POST',
        headers: this.#headers(),
        body: questionBody(question),
        signal,
      });
    } catch {
      if (signal.aborted) return { draft: emptyDraft, ending: { kind: 'stopped' } };
      return { draft: emptyDraft, ending: incomplete('The gateway could not be reached.', 'gateway_unreachable') };
    }
    if (!response.ok) return { draft: emptyDraft, ending: { kind: 'incomplete', trouble: await troubleOf(response) } };
    listener.onStarted(readProvenanceHeaders(response.headers));
    return readAnswer(bytesOf(response.body), signal, listener.onProgress);
  }

  #headers(): Record<string, string> {
    return { 'content-type': 'application/json', 'x-second-source-control': this.#controlToken };
  }

  #kept(received: Received<Session>): Received<Session> {
    if (received.kind === 'received') this.#controlToken = received.value.controlToken;
    return received;
  }

  async #call<T>(
    path: string,
    { mostBytes = largestBodyBytes, withinMs = answersWithinMs, ...init }: CallInit,
    read: (body: unknown) => T | undefined,
  ): Promise<Received<T>> {
    try {
      const response = await this.#fetch(path, {
        ...init,
        headers: this.#headers(),
        cache: 'no-store',
        signal: AbortSignal.timeout(withinMs),
      });
      if (!response.ok) return { kind: 'refused', status: response.status, trouble: await troubleOf(response) };
      const value = read(await boundedJson(response, mostBytes));
      if (value !== undefined) return { kind: 'received', value };
      const trouble = { message: `The answer to ${path} was not understood.`, code: 'malformed_response' };
      return { kind: 'refused', status: response.status, trouble };
    } catch {
      return { kind: 'unreachable' };
    }
  }
}

export function questionBody({ model, messages, endpoint }: Question): string {
  return JSON.stringify({
    model,
    messages,
    stream: true,
    stream_options: { include_usage: true },
    ...(endpoint === undefined ? {} : { provider: { order: [endpoint] } }),
  });
}

async function troubleOf(response: Response): Promise<Trouble> {
  const body = await boundedJson(response, largestBodyBytes).catch(() => undefined);
  if (typeof body === 'object' && body !== null && 'error' in body) return readTrouble(body.error);
  return { message: `The gateway answered with HTTP status ${response.status}.`, code: `http_${response.status}` };
}

/** The body as JSON; undefined where it is none or too large. Rejects where the transport fails. */
async function boundedJson(response: Response, mostBytes: number): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const piece of bytesOf(response.body)) {
    bytes += piece.byteLength;
    if (bytes > mostBytes) return undefined;
    text += decoder.decode(piece, { stream: true });
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    return undefined;
  }
}
