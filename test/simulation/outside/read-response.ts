import type { ClientRecord } from './counting-client.ts';

/** What a client makes of the bytes it got: an HTTP response, read by no code of the product's. */
export interface ClientView {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Whether the framing of the body was closed. */
  readonly framed: boolean;
  readonly text: string;
  readonly toolArguments: string;
  readonly done: boolean;
  readonly events: number;
  readonly finishReasons: readonly string[];
  readonly errorCode: string | undefined;
  readonly usageOutputTokens: number | undefined;
  readonly usageChunks: number;
  readonly roles: number;
  readonly ids: readonly string[];
  readonly models: readonly string[];
  readonly segments: readonly { readonly endpoint: string; readonly outputTokens: number | null }[];
  /** What could not be read at all. */
  readonly broken: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function readResponse(record: ClientRecord): ClientView {
  const raw = Buffer.concat(record.parts);
  const headEnd = raw.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = raw.subarray(0, Math.max(0, headEnd)).toString('latin1').split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const rest = raw.subarray(headEnd + 4);
  const chunked = headers.get('transfer-encoding') === 'chunked';
  const { bytes, framed } = headEnd < 0 ? { bytes: Buffer.alloc(0), framed: false } : chunked ? dechunk(rest) : plainBody(rest, headers);
  const body = bytes.toString('utf8');
  const view = new AnswerReader();
  if (headers.get('content-type')?.startsWith('text/event-stream')) view.readStream(body, framed);
  else if (body !== '') view.readObject(parse(body), true);
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, body, framed, ...view.view() };
}

function plainBody(rest: Buffer, headers: ReadonlyMap<string, string>): { readonly bytes: Buffer; readonly framed: boolean } {
  return { bytes: rest, framed: rest.length === Number(headers.get('content-length') ?? -1) };
}

function dechunk(rest: Buffer): { readonly bytes: Buffer; readonly framed: boolean } {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf('\r\n', at);
    const size = lineEnd < 0 ? Number.NaN : Number.parseInt(rest.subarray(at, lineEnd).toString('latin1'), 16);
    if (size === 0) return { bytes: Buffer.concat(parts), framed: true };
    if (!Number.isInteger(size) || lineEnd + 2 + size > rest.length) return { bytes: Buffer.concat(parts), framed: false };
    parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 4 + size;
  }
}

class AnswerReader {
  #text = '';
  #toolArguments = '';
  #done = false;
  #events = 0;
  #finishReasons: string[] = [];
  #errorCode: string | undefined;
  #usageOutputTokens: number | undefined;
  #usageChunks = 0;
  #roles = 0;
  #ids = new Set<string>();
  #models = new Set<string>();
  #segments: { readonly endpoint: string; readonly outputTokens: number | null }[] = [];
  #broken: string | undefined;

  readStream(body: string, framed: boolean): void {
    const blocks = body.split(/\r\n\r\n|\n\n|\r\r/);
    const rest = blocks.pop();
    if (framed && rest !== '') this.#broken = `the stream ends inside the event ${rest}`;
    for (const block of blocks) {
      const lines = block.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
      const data = lines.flatMap((line) => (line.startsWith('data:') ? [line.slice(5).replace(/^ /, '')] : [])).join('\n');
      if (data === '') continue;
      this.#events += 1;
      if (this.#done) this.#broken = 'an event after [DONE]';
      if (this.#errorCode !== undefined) this.#broken = 'an event after the error';
      if (data === '[DONE]') this.#done = true;
      else this.readObject(parse(data), false);
      // A client that listens to messages only would miss a named error, and take what it has for the whole answer.
      if (this.#errorCode !== undefined && lines.some((line) => line.startsWith('event:'))) this.#broken = 'an error by a named event';
    }
  }

  readObject(value: unknown, whole: boolean): void {
    if (!isJson(value)) {
      this.#broken = 'something that is no JSON object';
      return;
    }
    const { error } = value;
    if (isJson(error)) {
      this.#errorCode = String(error['code']);
      return;
    }
    this.#readIdentity(value);
    const { choices } = value;
    for (const choice of Array.isArray(choices) ? choices : []) if (isJson(choice)) this.#readChoice(choice, whole);
    const { usage, second_source: secondSource } = value;
    if (isJson(usage)) {
      this.#usageChunks += 1;
      this.#usageOutputTokens = Number(usage['completion_tokens']);
    }
    const segments: readonly unknown[] = isJson(secondSource) && Array.isArray(secondSource['segments']) ? secondSource['segments'] : [];
    for (const segment of segments) {
      if (!isJson(segment)) continue;
      const tokens = segment['output_tokens'];
      this.#segments.push({ endpoint: String(segment['endpoint']), outputTokens: typeof tokens === 'number' ? tokens : null });
    }
  }

  #readIdentity(value: Json): void {
    if (typeof value['id'] === 'string') this.#ids.add(value['id']);
    if (typeof value['model'] === 'string') this.#models.add(value['model']);
  }

  #readChoice(choice: Json, whole: boolean): void {
    const part = choice[whole ? 'message' : 'delta'];
    const said = isJson(part) ? part : choice;
    const text = said['content'] ?? choice['text'];
    if (typeof text === 'string') this.#text += text;
    if (typeof said['role'] === 'string') this.#roles += 1;
    const calls: readonly unknown[] = Array.isArray(said['tool_calls']) ? said['tool_calls'] : [];
    for (const call of calls) {
      const made = isJson(call) ? call['function'] : undefined;
      if (isJson(made) && typeof made['arguments'] === 'string') this.#toolArguments += made['arguments'];
    }
    if (typeof choice['finish_reason'] === 'string') this.#finishReasons.push(choice['finish_reason']);
  }

  view(): Omit<ClientView, 'status' | 'headers' | 'body' | 'framed'> {
    return {
      text: this.#text,
      toolArguments: this.#toolArguments,
      done: this.#done,
      events: this.#events,
      finishReasons: this.#finishReasons,
      errorCode: this.#errorCode,
      usageOutputTokens: this.#usageOutputTokens,
      usageChunks: this.#usageChunks,
      roles: this.#roles,
      ids: [...this.#ids],
      models: [...this.#models],
      segments: this.#segments,
      broken: this.#broken,
    };
  }
}
