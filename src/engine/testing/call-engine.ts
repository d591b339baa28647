import { request, type ClientRequest, type IncomingMessage } from 'node:http';

/** What an engine answered, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** Whether the response ended properly, and not by a cut. */
  readonly complete: boolean;
}

export interface Chunk {
  readonly choices: readonly Choice[];
  readonly prompt_token_ids?: readonly number[];
  readonly x_second_source_seed?: number;
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly prompt_tokens_details: { readonly cached_tokens: number };
  };
  readonly error?: { readonly code: string; readonly message: string };
}

export interface Choice {
  readonly text?: string;
  readonly delta?: Message;
  readonly message?: Message;
  readonly finish_reason: string | null;
  readonly stop_reason?: string;
  readonly token_ids?: readonly number[];
  readonly prompt_token_ids?: readonly number[] | null;
  readonly logprobs?: Logprobs | null;
}

export interface Message {
  readonly role?: string;
  readonly content?: string | null;
  readonly tool_calls?: readonly {
    readonly index?: number;
    readonly id?: string;
    readonly function: { readonly name?: string; readonly arguments: string };
  }[];
}

export interface Logprobs {
  readonly content?: readonly {
    readonly token: string;
    readonly logprob: number;
    readonly bytes: readonly number[];
    readonly top_logprobs: readonly { readonly token: string; readonly logprob: number }[];
  }[];
  readonly tokens?: readonly string[];
  readonly token_logprobs?: readonly number[];
}

/** Sends one request over a fresh connection; `onData` sees each piece and may destroy the request. */
export function callEngine(
  socketPath: string,
  path: string,
  body?: object | string,
  onData?: (text: string, sent: ClientRequest) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, method: body === undefined ? 'GET' : 'POST', agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
        onData?.(piece, sent);
      });
      response.on('error', () => undefined);
      response.on('close', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text, complete: response.complete }));
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  });
}

/** The JSON body of an answer that was not streamed. */
export async function callJson(socketPath: string, path: string, body?: object | string): Promise<Chunk> {
  return readChunk((await callEngine(socketPath, path, body)).text);
}

/** The events of a streamed answer, without its end mark. */
export async function callStream(socketPath: string, path: string, body: object): Promise<Chunk[]> {
  return streamEvents((await callEngine(socketPath, path, { ...body, stream: true })).text);
}

export function streamEvents(text: string): Chunk[] {
  return text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => readChunk(event.slice('data: '.length)));
}

/** An error body has no choices, which makes the test that reads them fail with what the engine said. */
function readChunk(text: string): Chunk {
  const value: unknown = JSON.parse(text);
  if (isChunk(value)) return value;
  throw new Error(`The engine answered ${text}`);
}

function isChunk(value: unknown): value is Chunk {
  return typeof value === 'object' && value !== null && ('choices' in value || 'error' in value);
}

/** One figure of the engine's metrics. */
export async function readMetric(socketPath: string, name: string): Promise<number> {
  const { text } = await callEngine(socketPath, '/metrics');
  const line = text.split('\n').find((candidate) => candidate.startsWith(`second_source_engine_${name} `));
  return Number(line?.split(' ')[1]);
}
