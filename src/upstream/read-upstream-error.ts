import { isRecord } from '../std/is-record.ts';

/** What an endpoint says of a failure, in its own words: for classification, and scrubbed where a client may see it. */
export interface UpstreamError {
  readonly code: string;
  readonly type: string;
  readonly message: string;
  /** The request's field at fault, '' where none is named by a name that can be one. */
  readonly param: string;
}

/** More than this is no error body, and not worth parsing. */
const bodyCharacters = 65_536;

/**
 * Reads an error body: OpenAI's object, the bare text that some put in `error`, Google's list around it, or FastAPI's
 * `detail` as text or list (fault 24). Undefined where it is no JSON: a page of whatever stands before the endpoint.
 */
export function readUpstreamError(body: string): UpstreamError | undefined {
  const value = body.length > bodyCharacters ? undefined : parse(body);
  const outer: unknown = Array.isArray(value) ? value[0] : value;
  if (!isRecord(outer)) return undefined;
  const error = isRecord(outer['error']) ? outer['error'] : outer;
  const detail = readDetail(outer['detail']);
  const message = text(error['message']) || text(outer['error']) || detail.message;
  const code = text(error['code']) || text(error['status']);
  return { code, type: text(error['type']) || detail.type, message, param: fieldName(text(error['param']) || detail.param || namedIn(message)) };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function readDetail(detail: unknown): { readonly type: string; readonly message: string; readonly param: string } {
  const first: unknown = Array.isArray(detail) ? detail[0] : undefined;
  if (!isRecord(first)) return { type: '', message: text(detail), param: '' };
  const place: readonly unknown[] = Array.isArray(first['loc']) ? first['loc'] : [];
  return { type: text(first['type']), message: text(first['msg']), param: place.filter((part) => part !== 'body').join('.') };
}

/** A field that only the message names: `Unexpected fields in the request: {'top_k'}`, `Field 'max_tokens': …`. */
function namedIn(message: string): string {
  return /\b(?:field|parameter|argument)s?\b[^'"`]{0,40}['"`]([^'"`]{1,64})['"`]/i.exec(message)?.[1] ?? '';
}

function fieldName(given: string): string {
  const name = given.replace(/^body\./, '');
  return /^[A-Za-z_][\w.[\]-]{0,127}$/.test(name) ? name : '';
}
