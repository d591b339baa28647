import { request, type Dispatcher } from 'undici';
import { z } from 'zod';
import { CliProblem, usageProblem } from './cli-problem.ts';
import { exitCodes } from './exit-codes.ts';

const answerBytes = 16 * 1024 * 1024;

const errorSchema = z.object({ error: z.object({ message: z.string(), code: z.string().nullish() }) });

export interface AskOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers: Record<string, string>;
  readonly body?: string | Uint8Array;
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
}

/** The origin of a URL that a person gave. */
export function originOf(given: string, option: string): string {
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw usageProblem(`\`${given}\` is not an http URL; give --${option} http://HOST:PORT.`);
  return new URL(given).origin;
}

/** Sends a request to a gateway. What is not answered with success becomes a sentence for a person, with `hint` where a key is missing. */
export async function ask(origin: string, path: string, hint: string, options: AskOptions): Promise<Dispatcher.ResponseData> {
  let response: Dispatcher.ResponseData;
  try {
    response = await request(`${origin}${path}`, options);
  } catch (error) {
    throw unreachable(origin, error);
  }
  if (response.statusCode !== 200) throw await refused(origin, hint, response);
  return response;
}

/** Reads an answer that must be JSON of this form. */
export async function readAnswer<Answer>(where: string, response: Dispatcher.ResponseData, schema: z.ZodType<Answer>): Promise<Answer> {
  const parsed = schema.safeParse(parseJson(await readText(where, response)));
  if (parsed.success) return parsed.data;
  throw new CliProblem(`${where} answered in another form than this version of second-source expects.`, exitCodes.fault);
}

export function unreachable(url: string, error: unknown): CliProblem {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no answer';
  return new CliProblem(
    `No gateway could be reached at ${url} (${code}). Start one with \`second-source up\`, or say where it is (--help tells how).`,
    exitCodes.unreachable,
  );
}

async function refused(url: string, hint: string, response: Dispatcher.ResponseData): Promise<CliProblem> {
  const parsed = errorSchema.safeParse(parseJson(await readText(url, response)));
  const said = parsed.success ? parsed.data.error.message : `It answered with status ${response.statusCode} and no message of ours; is it a gateway?`;
  if (response.statusCode === 401 || response.statusCode === 403)
    return new CliProblem(`The gateway at ${url} refused the request: ${said} ${hint}`, exitCodes.auth);
  return new CliProblem(said, exitCodes.fault);
}

export async function readText(url: string, response: Dispatcher.ResponseData): Promise<string> {
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
