/** What a request's reader was seen to make of some bytes. */
export interface ReadRequest {
  readonly method: string;
  readonly target: string;
  readonly body: string;
  /** Header values that matter to the case, by name in lower case; `undefined` says that there is none. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What may become of some bytes. `next`: the connection goes on and the probe behind the case is read as itself. */
export type Verdict =
  | { readonly kind: 'read'; readonly requests: readonly ReadRequest[]; readonly behind: 'next' | 'close' | 'wait' }
  | { readonly kind: 'refused'; readonly statuses: readonly number[]; readonly after: readonly ReadRequest[] };

export interface RequestCase {
  readonly name: string;
  /** As Latin-1: each character is a byte. */
  readonly bytes: string;
  /** Any of these, and the same one however the bytes are split. */
  readonly verdicts: readonly Verdict[];
  /** Whether the listener's own reader is to judge, or the gateway behind it. */
  readonly judge: 'reader' | 'gateway';
}

export const host = 'Host: a\r\n';

export function request(method: string, target: string, body = '', headers?: ReadRequest['headers']): ReadRequest {
  return headers === undefined ? { method, target, body } : { method, target, body, headers };
}

const hello = request('POST', '/p', 'hello');
const bare = request('GET', '/p');

export function read(requests: ReadRequest | readonly ReadRequest[], behind: 'next' | 'close' | 'wait' = 'next'): Verdict {
  return { kind: 'read', requests: 'method' in requests ? [requests] : requests, behind };
}

export function refused(statuses: number | readonly number[] = 400, after: readonly ReadRequest[] = []): Verdict {
  return { kind: 'refused', statuses: typeof statuses === 'number' ? [statuses] : statuses, after };
}

export function judged(name: string, bytes: string, ...verdicts: readonly Verdict[]): RequestCase {
  return { name, bytes, verdicts, judge: 'reader' };
}

/** What the listener may read, and the gateway must refuse. */
export function judgedByGateway(name: string, bytes: string, statuses: readonly number[]): RequestCase {
  return { name, bytes, verdicts: [refused(statuses)], judge: 'gateway' };
}

/** A request without a body whose further header lines are these, each with its line end. */
export function withLines(name: string, lines: string, ...verdicts: readonly Verdict[]): RequestCase {
  return judged(name, `GET /p HTTP/1.1\r\n${host}${lines}\r\n`, ...(verdicts.length === 0 ? [read(bare)] : verdicts));
}

/** A request whose body is framed by these header lines. */
export function framed(name: string, lines: string, body: string, ...verdicts: readonly Verdict[]): RequestCase {
  return judged(name, `POST /p HTTP/1.1\r\n${host}${lines}\r\n${body}`, ...(verdicts.length === 0 ? [read(hello)] : verdicts));
}

/** A request with a chunked body. */
export function chunks(name: string, body: string, ...verdicts: readonly Verdict[]): RequestCase {
  return framed(name, 'Transfer-Encoding: chunked\r\n', body, ...verdicts);
}
