/** What may become of a response. `reused`: whether the next request goes over the same connection. */
export type ResponseVerdict =
  | { readonly kind: 'whole'; readonly status: number; readonly body: string; readonly reused: boolean }
  /** The caller hears of an error, whatever it heard before. */
  | { readonly kind: 'broken' }
  | { readonly kind: 'wait' };

export interface ResponseCase {
  readonly name: string;
  /** As Latin-1: each character is a byte. */
  readonly bytes: string;
  readonly end: 'keep' | 'fin' | 'rst';
  /** What the server says by itself once its response was taken. */
  readonly late: string;
  readonly verdicts: readonly ResponseVerdict[];
}

export function whole(body: string, reused = true, status = 200): ResponseVerdict {
  return { kind: 'whole', status, body, reused };
}

export const broken: ResponseVerdict = { kind: 'broken' };
export const waits: ResponseVerdict = { kind: 'wait' };

export function answered(
  name: string,
  bytes: string,
  verdicts: ResponseVerdict | readonly ResponseVerdict[],
  end: ResponseCase['end'] = 'keep',
): ResponseCase {
  return { name, bytes, end, late: '', verdicts: 'kind' in verdicts ? [verdicts] : verdicts };
}

export const length5 = 'Content-Length: 5\r\n';
export const chunked = 'Transfer-Encoding: chunked\r\n';

/** A 200 with these header lines, each with its line end, and this body. */
export function ok(
  name: string,
  lines: string,
  body: string,
  verdicts: ResponseVerdict | readonly ResponseVerdict[],
  end: ResponseCase['end'] = 'keep',
): ResponseCase {
  return answered(name, `HTTP/1.1 200 OK\r\n${lines}\r\n${body}`, verdicts, end);
}
