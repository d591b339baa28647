import { request, type Dispatcher } from 'undici';
import { z } from 'zod';
import { CliProblem, usageProblem } from './cli-problem.ts';
import { exitCodes } from './exit-codes.ts';
import type { Arguments } from './parse-arguments.ts';
import type { CliIo } from './cli-io.ts';

const answerBytes = 16 * 1024 * 1024;
const controlTimeoutMs = 10_000;

const errorSchema = z.object({ error: z.object({ message: z.string(), code: z.string().nullish() }) });

interface RequestOptions {
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
}

export interface GatewayClient {
  readonly url: string;
  /** Sends a request of the control API, or of the API itself, and reads a JSON answer. */
  readonly call: <Answer>(method: 'GET' | 'POST', path: string, schema: z.ZodType<Answer>) => Promise<Answer>;
  /** Sends a chat request; its answer has status 200 and is read by the caller. */
  readonly chat: (body: unknown) => Promise<Dispatcher.ResponseData>;
}

/** A client of the gateway that `--url`, SECOND_SOURCE_URL and SECOND_SOURCE_KEY name. */
export function gatewayClient(args: Arguments, io: CliIo): GatewayClient {
  const given = args.text('url') ?? io.env['SECOND_SOURCE_URL'] ?? 'http://127.0.0.1:4000';
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw usageProblem(`\`${given}\` is not an http URL; give --url http://HOST:PORT.`);
  const url = new URL(given).origin;
  const key = io.env['SECOND_SOURCE_KEY'];
  const headers = {
    accept: 'application/json',
    'x-second-source-control': '1',
    ...(key === undefined || key === '' ? {} : { authorization: `Bearer ${key}` }),
  };
  const send = async (method: 'GET' | 'POST', path: string, options: RequestOptions): Promise<Dispatcher.ResponseData> => {
    let response: Dispatcher.ResponseData;
    try {
      response = await request(`${url}${path}`, { method, ...options });
    } catch (error) {
      throw unreachable(url, error);
    }
    if (response.statusCode !== 200) throw await refused(url, response);
    return response;
  };
  return {
    url,
    call: async (method, path, schema) => {
      const response = await send(method, path, { headers, headersTimeout: controlTimeoutMs, bodyTimeout: controlTimeoutMs });
      const parsed = schema.safeParse(parseJson(await readText(url, response)));
      if (parsed.success) return parsed.data;
      throw new CliProblem(`${url}${path} answered in another form than this version of second-source expects.`, exitCodes.fault);
    },
    // Answers take as long as they take: the gateway keeps the time limits.
    chat: (body) =>
      send('POST', '/v1/chat/completions', {
        headers: { ...headers, accept: 'text/event-stream', 'content-type': 'application/json' },
        body: JSON.stringify(body),
        headersTimeout: 0,
        bodyTimeout: 0,
      }),
  };
}

export function unreachable(url: string, error: unknown): CliProblem {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no answer';
  return new CliProblem(
    `No gateway could be reached at ${url} (${code}). Start one with \`second-source up\`, or give --url.`,
    exitCodes.unreachable,
  );
}

async function refused(url: string, response: Dispatcher.ResponseData): Promise<CliProblem> {
  const parsed = errorSchema.safeParse(parseJson(await readText(url, response)));
  const said = parsed.success ? parsed.data.error.message : `It answered with status ${response.statusCode} and no message of ours; is it a gateway?`;
  if (response.statusCode === 401 || response.statusCode === 403) {
    return new CliProblem(`The gateway at ${url} refused the request: ${said} Set SECOND_SOURCE_KEY to one of its keys.`, exitCodes.auth);
  }
  return new CliProblem(said, exitCodes.fault);
}

async function readText(url: string, response: Dispatcher.ResponseData): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of response.body) {
      if (!(part instanceof Uint8Array)) continue;
      bytes += part.length;
      if (bytes > answerBytes) throw new CliProblem(`The answer of ${url} is over 16 MiB.`, exitCodes.fault);
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof CliProblem ? error : unreachable(url, error);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
