import { isRecord } from '../../std/is-record.ts';
import { judged, type RealFinding } from './real-check.ts';
import type { Ask, AskedAnswer } from './ask-gateway.ts';

export interface RealModels {
  readonly real: string;
  /** The same endpoint under a key that it does not know; undefined where it has no key. */
  readonly wrongKey: string | undefined;
  /** A model that the endpoint does not have. */
  readonly unknown: string;
}

/** The most that the checks ask for, told before they start. */
export const realCost = { requests: 11, inputTokens: 1500 } as const;

const reasons = new Set(['stop', 'length', 'tool_calls', 'content_filter']);
const hello = { messages: [{ role: 'user', content: 'Say hello in one short sentence.' }] };
const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
const tools = [{ type: 'function', function: { name: 'get_weather', description: 'The weather of a city', parameters: city } }];
const weather = { messages: [{ role: 'user', content: 'What is the weather in Paris? Use the tool.' }], tools };
const named = { messages: [{ role: 'user', content: 'Name the capital of France as JSON.' }] };

/** Asks for one thing after another through the gateway. */
export async function runRealChecks(ask: Ask, models: RealModels, tokens: number): Promise<readonly RealFinding[]> {
  const base = { model: models.real, max_tokens: tokens };
  const streamed = { stream: true, stream_options: { include_usage: true } };
  const chat = await ask({ ...base, ...hello });
  const findings: RealFinding[] = [judgeChat('chat', chat)];
  // Nothing else could be told from the same failure.
  if (chat.status !== 200) return findings;
  const stream = await ask({ ...base, ...hello, ...streamed });
  findings.push(judgeStream(stream), judgeUsage(chat, stream));
  for (const [check, more] of [
    ['tools', {}],
    ['tools, streamed', streamed],
  ] as const) {
    const forced = await ask({ ...base, ...weather, ...more, tool_choice: 'required' });
    // Where no choice can be forced, the model is only asked.
    findings.push(judgeTools(check, forced.code === 'unsupported_value' ? await ask({ ...base, ...weather, ...more }) : forced));
  }
  const format = { type: 'json_schema', json_schema: { name: 'capital', schema: city, strict: true } };
  findings.push(judgeSchema(await ask({ ...base, ...named, response_format: format })));
  const unknown = await ask({ ...base, model: models.unknown, ...hello });
  findings.push(judgeError('error: unknown model', unknown, (code) => code !== 'upstream_auth'));
  if (models.wrongKey !== undefined) {
    const wrong = await ask({ ...base, model: models.wrongKey, ...hello });
    findings.push(judgeError('error: wrong key', wrong, (code) => code === 'upstream_auth'));
  }
  findings.push(...(await checkAbort(ask, base)));
  return findings;
}

/** What went wrong, by status and code alone. */
function failure({ status, code, param }: AskedAnswer): string {
  return `It came to status ${status}${code === undefined ? '' : ` (${code}${param === undefined ? '' : `, ${param}`})`}.`;
}

function judgeChat(check: string, answer: AskedAnswer): RealFinding {
  if (answer.status !== 200) return judged(check, 'failed', failure(answer), answer);
  const [reason = 'none'] = answer.reasons;
  const said = answer.text.length + answer.reasoning.length;
  if (!reasons.has(reason)) return judged(check, 'failed', `The finish reason is none that is published (${answer.reasons.length} came).`, answer);
  if (said === 0) return judged(check, 'failed', `It ended with ${reason} and said nothing.`, answer);
  return judged(
    check,
    'proven',
    `${answer.text.length} characters of text, ${answer.reasoning.length} of reasoning, finish reason ${reason}.`,
    answer,
  );
}

function judgeStream(answer: AskedAnswer): RealFinding {
  if (answer.status !== 200 || answer.code !== undefined) return judged('stream', 'failed', failure(answer), answer);
  if (!answer.done || answer.reasons.length !== 1)
    return judged('stream', 'failed', `${answer.reasons.length} finish reasons, ${answer.done ? 'with' : 'without'} an end marker.`, answer);
  return judged('stream', 'proven', `${answer.pieces} pieces, finish reason ${answer.reasons[0] ?? ''}, and a proven end.`, answer);
}

function judgeUsage(chat: AskedAnswer, stream: AskedAnswer): RealFinding {
  const [whole, pieces] = [chat.usage, stream.usage];
  const free = { tookMs: 0 };
  if (whole === undefined) return judged('usage', 'failed', 'A whole answer does not say what it took; the gateway estimates it and says so.', free);
  if (pieces === undefined) return judged('usage', 'failed', 'A stream does not say what it took; the gateway estimates it and says so.', free);
  if (whole.input !== pieces.input)
    return judged('usage', 'failed', `The same prompt counts ${whole.input} tokens whole and ${pieces.input} streamed.`, free);
  return judged('usage', 'proven', `The same prompt counts ${whole.input} tokens, whole and streamed.`, free);
}

function judgeTools(check: string, answer: AskedAnswer): RealFinding {
  if (answer.code === 'unsupported_value')
    return judged(check, 'refused', `The profile says that it takes no \`${answer.param ?? 'tools'}\`.`, answer);
  if (answer.status !== 200 || answer.code !== undefined) return judged(check, 'failed', failure(answer), answer);
  const [call] = answer.calls;
  if (call === undefined) return judged(check, 'unproven', `The model called nothing (finish reason ${answer.reasons[0] ?? 'none'}).`, answer);
  const args = parse(call.args);
  if (call.name !== 'get_weather' || !isRecord(args))
    return judged(check, 'failed', 'The call has another name, or arguments that are no JSON object.', answer);
  if (answer.reasons[0] !== 'tool_calls') return judged(check, 'failed', `The finish reason of a call is ${answer.reasons[0] ?? 'none'}.`, answer);
  const fits = typeof args['city'] === 'string' ? 'that fit the schema' : 'that do not fit the schema';
  return judged(check, 'proven', `${answer.calls.length} call with arguments ${fits}, finish reason tool_calls.`, answer);
}

function judgeSchema(answer: AskedAnswer): RealFinding {
  const check = 'JSON schema';
  if (answer.code === 'unsupported_value')
    return judged(check, 'refused', `The profile says that it takes no \`${answer.param ?? 'response_format'}\`.`, answer);
  if (answer.status !== 200) return judged(check, 'failed', failure(answer), answer);
  const value = parse(answer.text);
  const fits = isRecord(value) && typeof value['city'] === 'string' && Object.keys(value).length === 1;
  if (fits) return judged(check, 'proven', 'The answer is JSON that fits the schema.', answer);
  if (answer.reasons[0] === 'length') return judged(check, 'unproven', 'The answer was cut at the limit of tokens before it was whole.', answer);
  return judged(check, 'failed', isRecord(value) ? 'The answer is JSON that does not fit the schema.' : 'The answer is no JSON.', answer);
}

function judgeError(check: string, answer: AskedAnswer, isRight: (code: string) => boolean): RealFinding {
  if (answer.status === 200) return judged(check, 'failed', 'It was answered with status 200.', answer);
  const { code = 'no code' } = answer;
  return judged(check, isRight(code) ? 'proven' : 'failed', `The client is told ${answer.status} (${code}).`, answer);
}

/** The endpoint's own work cannot be seen from outside; that it goes on to answer can. */
async function checkAbort(ask: Ask, base: object): Promise<readonly RealFinding[]> {
  const left = await ask({ ...base, ...hello, stream: true }, 'first content');
  const next = await ask({ ...base, ...hello });
  const fine = left.status === 200 && left.pieces > 0 && next.status === 200;
  const usage = next.usage;
  return [
    judged(
      'abort',
      fine ? 'proven' : 'failed',
      fine ? 'A client left at the first piece; the next question was answered.' : 'After a client left, the next question was not answered.',
      { tookMs: left.tookMs + next.tookMs, usage },
    ),
  ];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
