import { request } from 'node:http';

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  /** `proper`: the framing was closed; `cut`: the connection broke before that. */
  readonly ended: 'proper' | 'cut';
}

/** Posts JSON and reads what comes to its end, telling a proper end from a cut one, which `fetch` hides. */
export function postRaw(
  url: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  onText?: (text: string) => void,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let cut: (() => void) | undefined;
    const outgoing = request(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, agent: false }, (response) => {
      const parts: Buffer[] = [];
      const end = (ended: RawAnswer['ended']): void =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(parts).toString('utf8'), ended });
      response.on('data', (part: Buffer) => {
        parts.push(part);
        onText?.(Buffer.concat(parts).toString('utf8'));
      });
      cut = () => end('cut');
      response.on('end', () => end('proper'));
      response.on('error', cut);
    });
    // A reset after the response has begun is heard here too.
    outgoing.on('error', (error) => (cut === undefined ? reject(error) : cut()));
    outgoing.end(body);
  });
}

export interface StreamView {
  text: string;
  done: boolean;
  finishReasons: string[];
  errorCode: string | undefined;
  usage: { prompt_tokens: number; completion_tokens: number } | undefined;
  segments: readonly { endpoint: string; output_tokens: number; characters: number; continued_by: string | null; gap_ms: number | null }[];
  ids: Set<string>;
  models: Set<string>;
}

/** What a client makes of a streamed answer. */
export function viewStream(raw: string): StreamView {
  const view: StreamView = {
    text: '',
    done: false,
    finishReasons: [],
    errorCode: undefined,
    usage: undefined,
    segments: [],
    ids: new Set(),
    models: new Set(),
  };
  for (const block of raw.split('\n\n')) {
    if (!block.startsWith('data:')) continue;
    const data = block.slice(5).trim();
    if (data === '[DONE]') {
      view.done = true;
      continue;
    }
    const parsed = JSON.parse(data);
    if (parsed.error !== undefined) {
      view.errorCode = parsed.error.code;
      continue;
    }
    view.ids.add(parsed.id);
    view.models.add(parsed.model);
    const choice = parsed.choices[0];
    view.text += choice?.delta?.content ?? choice?.text ?? '';
    if (choice?.finish_reason) view.finishReasons.push(choice.finish_reason);
    view.usage ??= parsed.usage;
    if (parsed.second_source !== undefined) view.segments = parsed.second_source.segments;
  }
  return view;
}
