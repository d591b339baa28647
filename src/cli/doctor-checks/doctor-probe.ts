import { request, type Dispatcher } from 'undici';
import { isRecord } from '../../std/is-record.ts';
import { printableText } from '../printable-text.ts';
import type { EndpointConfig } from '../../config/config-schema.ts';

/** What came back for one request. A connection that broke before any head has status 0. */
export interface ProbeAnswer {
  readonly sent: string;
  readonly status: number;
  readonly text: string;
  /** The body as JSON, undefined where it is none. */
  readonly json: unknown;
  /** Whether the body's end can be told from a cut: a length or chunks (RFC 9112 section 6.3). */
  readonly framed: boolean;
  readonly end: 'complete' | 'cut' | 'timeout' | 'too large' | 'abandoned';
}

export interface ProbeTarget {
  readonly address: EndpointConfig['address'];
  readonly key: string | undefined;
  /** The longest silence to put up with, in milliseconds. */
  readonly timeoutMs: number;
}

const answerBytes = 4 * 1024 * 1024;
/** What was asked for, and how a stream came to its end, stand at the end. */
const shownFromStart = 110;
const shownFromEnd = 150;
/** Of each answer so much is kept to look for marks in. */
const keptCharacters = 65_536;

/** Sends requests as a plain client would and keeps what came, as evidence. Never throws for what a server does. */
export class DoctorProbe {
  readonly #target: ProbeTarget;
  readonly #answers: string[] = [];

  constructor(target: ProbeTarget) {
    this.#target = target;
  }

  /** Every answer so far as text, its head's lines first. */
  get answers(): readonly string[] {
    return this.#answers;
  }

  get key(): string | undefined {
    return this.#target.key;
  }

  /** `headers` stand in place of the bearer key, for dialects that carry it elsewhere. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<ProbeAnswer> {
    return this.#send('GET', path, undefined, false, headers);
  }

  /** `body` is sent as JSON, or as it is where it is text already. */
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<ProbeAnswer> {
    return this.#send('POST', path, typeof body === 'string' ? body : JSON.stringify(body), false, headers);
  }

  /** Sends a request and breaks the connection at the first bytes of its answer, as a client that goes away does. */
  abandon(path: string, body: unknown): Promise<ProbeAnswer> {
    return this.#send('POST', path, JSON.stringify(body), true);
  }

  /** What came, short enough to show; the key is taken out, should a server echo it. */
  show(answer: ProbeAnswer): string {
    const body = this.shorten(answer.text);
    const how = answer.end === 'complete' ? '' : `, ${answer.end}`;
    return answer.status === 0 ? `no answer${how}` : `${answer.status}${how} ${body}`.trim();
  }

  shorten(text: string): string {
    const { key } = this.#target;
    const clean = printableText(key === undefined ? text : text.replaceAll(key, '[key]'))
      .trim()
      .replaceAll(/\s+/g, ' ');
    if (clean.length <= shownFromStart + shownFromEnd) return clean;
    return `${clean.slice(0, shownFromStart)} … ${clean.slice(-shownFromEnd)}`;
  }

  async #send(
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    abandon: boolean,
    headers?: Readonly<Record<string, string>>,
  ): Promise<ProbeAnswer> {
    const { address, key, timeoutMs } = this.#target;
    const fullPath = `${address.basePath}${path}`;
    const sent = `${method} ${fullPath}${body === undefined ? '' : ` ${this.shorten(body)}`}`;
    let response: Dispatcher.ResponseData;
    try {
      response = await request(`${address.origin}${fullPath}`, {
        method,
        headers: {
          accept: '*/*',
          'accept-encoding': 'identity',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(headers ?? (key === undefined ? {} : { authorization: `Bearer ${key}` })),
        },
        body: body ?? null,
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
    } catch (error) {
      return { sent, status: 0, text: errorCode(error), json: undefined, framed: false, end: isTimeout(error) ? 'timeout' : 'cut' };
    }
    const { text, end } = await readBody(response.body, abandon);
    const head = Object.entries(response.headers).map(([name, value]) => `${name}: ${String(value)}`);
    this.#answers.push(`${head.join('\n')}\n\n${text.slice(0, keptCharacters)}`);
    const framed = response.headers['content-length'] !== undefined || response.headers['transfer-encoding'] !== undefined;
    return { sent, status: response.statusCode, text, json: parseJson(text), framed, end };
  }
}

async function readBody(body: Dispatcher.ResponseData['body'], abandon: boolean): Promise<Pick<ProbeAnswer, 'text' | 'end'>> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  let end: ProbeAnswer['end'] = 'complete';
  try {
    for await (const part of body) {
      if (!(part instanceof Uint8Array)) continue;
      parts.push(part);
      bytes += part.length;
      if (abandon || bytes > answerBytes) {
        end = abandon ? 'abandoned' : 'too large';
        break;
      }
    }
  } catch (error) {
    end = isTimeout(error) ? 'timeout' : 'cut';
  }
  body.destroy();
  return { text: Buffer.concat(parts).toString('utf8'), end };
}

function errorCode(error: unknown): string {
  return isRecord(error) && typeof error['code'] === 'string' ? error['code'] : 'connection failed';
}

function isTimeout(error: unknown): boolean {
  return /TIMEOUT|TIMEDOUT/.test(errorCode(error));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
