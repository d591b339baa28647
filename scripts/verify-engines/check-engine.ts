import OpenAI from 'openai';
import { DoctorProbe } from '../../src/cli/doctor-checks/doctor-probe.ts';
import { modelName } from './engine-folder.ts';
import { runChecks } from '../../src/cli/doctor-checks/run-checks.ts';
import { sleep, systemClock } from '../../src/std/clock.ts';
import type { Finding } from './finding.ts';
import type { Member, VerifiedFleet } from './verified-fleet.ts';

type Chat = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;

/** One engine, asked through the gateway with the `openai` client as an application would. */
interface Subject {
  readonly client: OpenAI;
  readonly member: Member;
  readonly ask: (more: Omit<Chat, 'model'>) => Chat;
}

const question = { role: 'user', content: 'What is Second Source?' } as const;
const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Get the current weather in a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
} as const;
const personSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
};

/** What each engine can do through us, whether its work stops when the client leaves, and what the doctor says of it. */
export async function checkEngine(fleet: VerifiedFleet, id: string): Promise<Finding[]> {
  await fleet.forgive();
  const provider = { only: [id] };
  const subject: Subject = {
    client: new OpenAI({ baseURL: `${fleet.product.url}/v1`, apiKey: 'none', maxRetries: 0 }),
    member: fleet.member(id),
    // `provider` is ours, and the client sends what it does not know as it is.
    ask: (more) => Object.assign({ model: modelName, temperature: 0, max_tokens: 120, ...more }, { provider }),
  };
  const checks = { 'plain and streamed': plainAndStreamed, tools, 'JSON schema': jsonSchema, 'client leaves': clientLeaves, doctor };
  const findings: Finding[] = [];
  for (const [name, check] of Object.entries(checks)) {
    const { result, what } = await check(subject).catch((error: unknown) => missed(error instanceof Error ? error.message : String(error)));
    findings.push({ check: 'engine', subject: `${id}: ${name}`, result, what });
    console.log(`  ${id}: ${name}: ${what}`);
  }
  return findings;
}

type Judged = Pick<Finding, 'result' | 'what'>;

function held(what: string): Judged {
  return { result: 'held', what };
}

function missed(what: string): Judged {
  return { result: 'missed', what };
}

async function plainAndStreamed({ client, ask }: Subject): Promise<Judged> {
  const whole = await client.chat.completions.create(ask({ messages: [question] }));
  const text = whole.choices[0]?.message.content ?? '';
  let streamed = '';
  for await (const chunk of await client.chat.completions.create({ ...ask({ messages: [question] }), stream: true }))
    streamed += chunk.choices[0]?.delta.content ?? '';
  if (text === '' || whole.usage === undefined) return missed(`the answer has no text or no usage: ${JSON.stringify(whole)}`);
  return text === streamed ? held(`the same ${text.length} characters both ways`) : missed(`“${text}”, but streamed “${streamed}”`);
}

async function tools({ client, ask }: Subject): Promise<Judged> {
  const asked = ask({ messages: [{ role: 'user', content: 'What is the weather in Paris?' }], tools: [weatherTool] });
  const whole = await client.chat.completions.create(asked);
  const call = whole.choices[0]?.message.tool_calls?.[0];
  let name = '';
  let args = '';
  let reason: string | null = null;
  for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
    const [choice] = chunk.choices;
    name += choice?.delta.tool_calls?.[0]?.function?.name ?? '';
    args += choice?.delta.tool_calls?.[0]?.function?.arguments ?? '';
    reason ??= choice?.finish_reason ?? null;
  }
  if (call?.type !== 'function') return missed(`no tool call, but “${whole.choices[0]?.message.content ?? ''}”`);
  const same = call.function.name === name && JSON.stringify(JSON.parse(call.function.arguments)) === JSON.stringify(JSON.parse(args));
  const what = `${name}(${args}), finish_reason ${reason}`;
  return same && name === weatherTool.function.name && reason === 'tool_calls'
    ? held(what)
    : missed(`${what}; whole: ${JSON.stringify(call.function)}`);
}

async function jsonSchema({ client, ask }: Subject): Promise<Judged> {
  const whole = await client.chat.completions.create(
    ask({
      messages: [{ role: 'user', content: 'Give me a person as JSON with name and age.' }],
      response_format: { type: 'json_schema', json_schema: { name: 'person', strict: true, schema: personSchema } },
    }),
  );
  const text = whole.choices[0]?.message.content ?? '';
  const value: unknown = JSON.parse(text);
  const fits =
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).toSorted().join() === 'age,name' &&
    'name' in value &&
    typeof value.name === 'string' &&
    'age' in value &&
    Number.isInteger(value.age);
  return fits ? held(text) : missed(`does not follow the schema: ${text}`);
}

const longAnswer = { messages: [{ role: 'user', content: 'Count from 1 to 40.' }], max_tokens: 900 } satisfies Omit<Chat, 'model'>;
const leavesAfter = 3;
const soonMs = 500;

/** By the engine's own gauge: it works on one request, and soon after the client's end on none. */
async function clientLeaves({ client, member, ask }: Subject): Promise<Judged> {
  const asked = { ...Object.assign(ask(longAnswer), { ignore_eos: true }), stream: true } as const;
  const beganMs = systemClock.nowMs();
  for await (const _ of await client.chat.completions.create(asked));
  const wholeMs = systemClock.nowMs() - beganMs;
  let events = 0;
  let running = 0;
  for await (const _ of await client.chat.completions.create(asked)) {
    events += 1;
    if (events < leavesAfter) continue;
    running = await member.engine.runningRequests();
    // Leaving the loop aborts the request.
    break;
  }
  const leftAtMs = systemClock.nowMs();
  while ((await member.engine.runningRequests()) > 0 && systemClock.nowMs() - leftAtMs < 10 * soonMs) await sleep(systemClock, 5);
  const tookMs = systemClock.nowMs() - leftAtMs;
  const what = `its gauge says ${running} while it answers, and 0 within ${tookMs.toFixed(0)} ms of the client's end (the whole answer takes ${wholeMs.toFixed(0)} ms)`;
  return running === 1 && tookMs <= Math.min(soonMs, wholeMs / 2) ? held(what) : missed(what);
}

/** Asked directly: what it says of an engine must not be coloured by us. Deviations are told, not judged. */
async function doctor({ member }: Subject): Promise<Judged> {
  const probe = new DoctorProbe({ address: { kind: 'url', origin: member.engine.origin, basePath: '/v1' }, key: undefined, timeoutMs: 60_000 });
  const diagnosis = await runChecks(probe, undefined);
  if (!diagnosis.ok) return missed(`it could not be examined: ${diagnosis.failure.kind}`);
  const { findings, profile } = diagnosis.value;
  const { recipe } = member.engine;
  if (profile !== recipe.profile) return missed(`its own answers fit the profile ${profile}, not ${recipe.profile}`);
  const others = findings.filter(({ result }) => result !== 'ok').map(({ name, result }) => `${name} ${result}`);
  const failed = findings.some(({ fatal, result }) => fatal && result === 'failed');
  return {
    result: failed ? 'missed' : 'measured',
    what: `profile ${profile}; ${findings.length - others.length} of ${findings.length} ok; ${others.join(', ')}`,
  };
}
