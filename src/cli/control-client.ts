import { ask, originOf, readAnswer, type AskOptions } from './ask-gateway.ts';
import type { Arguments } from './parse-arguments.ts';
import type { CliIo } from './cli-io.ts';
import type { Dispatcher } from 'undici';
import type { z } from 'zod';

const timeoutMs = 30_000;
const uploadTimeoutMs = 300_000;
const hint = 'Set SECOND_SOURCE_CONTROL_TOKEN to one of its control tokens (`second-source tokens create`).';

export interface ControlClient {
  readonly url: string;
  /** Asks the control API and reads its JSON answer; `more` are further headers. */
  readonly call: <Answer>(
    method: AskOptions['method'],
    path: string,
    schema: z.ZodType<Answer>,
    body?: unknown,
    more?: Readonly<Record<string, string>>,
  ) => Promise<Answer>;
  /** Sends bytes as they are and reads a JSON answer, for which there is plenty of time. */
  readonly upload: <Answer>(path: string, contentType: string, bytes: Uint8Array, schema: z.ZodType<Answer>) => Promise<Answer>;
  /** Asks for something that is read as it comes, for as long as it comes. */
  readonly stream: (path: string) => Promise<Dispatcher.ResponseData>;
}

/** A client of the control API that `--control`, SECOND_SOURCE_CONTROL and SECOND_SOURCE_CONTROL_TOKEN name. */
export function controlClient(args: Arguments, io: CliIo): ControlClient {
  const url = originOf(args.text('control') ?? io.env['SECOND_SOURCE_CONTROL'] ?? 'http://127.0.0.1:4001', 'control');
  const token = io.env['SECOND_SOURCE_CONTROL_TOKEN'];
  const headers = {
    accept: 'application/json',
    'x-second-source-control': '1',
    ...(token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` }),
  };
  return {
    url,
    call: async (method, path, schema, body, more = {}) => {
      const response = await ask(url, path, hint, {
        method,
        headers: body === undefined ? headers : { ...headers, ...more, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        headersTimeout: timeoutMs,
        bodyTimeout: timeoutMs,
      });
      return readAnswer(`${url}${path}`, response, schema);
    },
    upload: async (path, contentType, bytes, schema) => {
      const sent = { ...headers, 'content-type': contentType };
      const response = await ask(url, path, hint, {
        method: 'POST',
        headers: sent,
        body: bytes,
        headersTimeout: uploadTimeoutMs,
        bodyTimeout: timeoutMs,
      });
      return readAnswer(`${url}${path}`, response, schema);
    },
    stream: (path) => ask(url, path, hint, { method: 'GET', headers, headersTimeout: timeoutMs, bodyTimeout: 0 }),
  };
}
