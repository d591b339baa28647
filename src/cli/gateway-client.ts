import { ask, originOf, readAnswer } from './ask-gateway.ts';
import type { Arguments } from './parse-arguments.ts';
import type { CliIo } from './cli-io.ts';
import type { Dispatcher } from 'undici';
import type { z } from 'zod';

const timeoutMs = 10_000;
const hint = 'Set SECOND_SOURCE_KEY to one of its keys.';

export interface GatewayClient {
  readonly url: string;
  /** Reads a JSON answer of the API. */
  readonly get: <Answer>(path: string, schema: z.ZodType<Answer>) => Promise<Answer>;
  /** Sends a chat request; its answer has status 200 and is read by the caller. */
  readonly chat: (body: unknown) => Promise<Dispatcher.ResponseData>;
}

/** A client of the gateway that `--url`, SECOND_SOURCE_URL and SECOND_SOURCE_KEY name. */
export function gatewayClient(args: Arguments, io: CliIo): GatewayClient {
  const url = originOf(args.text('url') ?? io.env['SECOND_SOURCE_URL'] ?? 'http://127.0.0.1:4000', 'url');
  const key = io.env['SECOND_SOURCE_KEY'];
  const headers = { accept: 'application/json', ...(key === undefined || key === '' ? {} : { authorization: `Bearer ${key}` }) };
  return {
    url,
    get: async (path, schema) => {
      const response = await ask(url, path, hint, { method: 'GET', headers, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
      return readAnswer(`${url}${path}`, response, schema);
    },
    // Answers take as long as they take: the gateway keeps the time limits.
    chat: (body) =>
      ask(url, '/v1/chat/completions', hint, {
        method: 'POST',
        headers: { ...headers, accept: 'text/event-stream', 'content-type': 'application/json' },
        body: JSON.stringify(body),
        headersTimeout: 0,
        bodyTimeout: 0,
      }),
  };
}
