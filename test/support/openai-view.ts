import OpenAI from 'openai';
import { chatChunks } from './numbered-answer.ts';
import { chunk, jsonResponse, startScriptedUpstream, streamHead, type Script } from './scripted-upstream.ts';
import { startTestGateway, type TestGateway } from './test-gateway.ts';

const plain = chatChunks(false);
const begun = [streamHead, chunk(plain.role), chunk(plain.content(1) + plain.content(2))];

/** One way in which a request can end badly, and how to bring it about. */
interface Failing {
  readonly name: string;
  /** Where the endpoint is at fault: what it says. Without it the endpoint is not there at all. */
  readonly upstream?: Script;
  readonly options?: Parameters<typeof startTestGateway>[1];
  readonly ask?: (client: OpenAI, gate: TestGateway) => Promise<unknown>;
}

const question: OpenAI.ChatCompletionCreateParamsNonStreaming = { model: 'm', messages: [{ role: 'user', content: 'count' }] };

async function stream(client: OpenAI, onFirst: () => Promise<void> = async () => {}): Promise<void> {
  let first = true;
  for await (const _ of await client.chat.completions.create({ ...question, stream: true })) {
    if (first) await onFirst();
    first = false;
  }
}

const failings: readonly Failing[] = [
  { name: 'a field out of range', ask: (client) => client.chat.completions.create({ ...question, max_tokens: -1 }) },
  { name: 'the endpoint refuses the request', upstream: { pieces: [jsonResponse(400, '{"error":{"message":"no","param":"x"}}')], end: 'keep' } },
  { name: 'a wrong key', options: { keys: ['another-key'] } },
  { name: 'an unknown model', ask: (client) => client.chat.completions.create({ ...question, model: 'gpt-9' }) },
  {
    name: 'a body over the limit',
    options: { requestBodyBytes: 2000 },
    ask: (client) => client.chat.completions.create({ ...question, user: 'x'.repeat(4000) }),
  },
  {
    name: 'an idempotency key used for another body',
    upstream: { pieces: [jsonResponse(400, '{"error":{"message":"no"}}')], end: 'keep' },
    ask: async (client) => {
      const headers = { 'idempotency-key': 'one' };
      await client.chat.completions.create(question, { headers }).catch(() => {});
      return client.chat.completions.create({ ...question, seed: 1 }, { headers });
    },
  },
  { name: 'every endpoint asks to wait (429)', upstream: { pieces: [jsonResponse(429, '{}', 'retry-after: 1\r\n')], end: 'keep' } },
  { name: 'the endpoint fails (500)', upstream: { pieces: [jsonResponse(500, '{}')], end: 'keep' } },
  { name: 'the endpoint refuses our key (401)', upstream: { pieces: [jsonResponse(401, '{}')], end: 'keep' } },
  { name: 'the endpoint’s account is empty (402)', upstream: { pieces: [jsonResponse(402, '{}')], end: 'keep' } },
  { name: 'the endpoint does not know the route (404)', upstream: { pieces: [jsonResponse(404, '{}')], end: 'keep' } },
  { name: 'the endpoint sends a page instead of an answer', upstream: { pieces: [jsonResponse(200, '<html>')], end: 'keep' } },
  { name: 'no endpoint can be reached' },
  { name: 'every endpoint is overloaded (529)', upstream: { pieces: [jsonResponse(529, '{}', 'retry-after: 1\r\n')], end: 'keep' } },
  { name: 'the gateway has as many requests as it may', options: { concurrentRequests: 0 } },
  { name: 'the gateway is late (event loop)', options: { lagP99Ms: () => 101 } },
  { name: 'the ledger cannot be written', upstream: { pieces: [], end: 'hang' }, options: { ledgerFails: true } },
  {
    name: 'no content in time',
    upstream: { pieces: [streamHead], end: 'hang' },
    options: { limits: { ttftTimeoutMs: 200 } },
    ask: (client) => stream(client),
  },
  { name: 'the endpoint is lost in mid-answer and nobody may continue', upstream: { pieces: begun, end: 'rst' }, ask: (client) => stream(client) },
  {
    name: 'the endpoint falls silent in mid-answer',
    upstream: { pieces: begun, end: 'hang' },
    options: { limits: { stallTimeoutMs: 200 } },
    ask: (client) => stream(client),
  },
  {
    name: 'the gateway itself is lost in mid-answer',
    upstream: { pieces: begun, end: 'hang' },
    ask: (client, gate) => stream(client, gate.stop),
  },
];

/** What the SDK threw, and how often it came. */
export interface OpenAiView {
  readonly name: string;
  readonly thrown: string;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly shouldRetry: string | undefined;
  readonly waits: boolean;
  readonly requests: number;
}

/** Brings every failure about in front of the real SDK with its default retries. All at once, since some wait. */
export function openAiViews(): Promise<readonly OpenAiView[]> {
  return Promise.all(failings.map(viewOf));
}

async function viewOf({ name, upstream, options, ask }: Failing): Promise<OpenAiView> {
  const started = upstream === undefined ? undefined : await startScriptedUpstream(() => upstream);
  // Nobody listens on port 9 (discard) of this machine, where no endpoint is wanted.
  const gate = await startTestGateway([{ id: 'one', origin: started?.origin ?? 'http://127.0.0.1:9' }], options);
  try {
    const client = new OpenAI({ baseURL: `${gate.url}/v1`, apiKey: 'a-key' });
    const error: unknown = await (ask ?? ((asking) => asking.chat.completions.create(question)))(client, gate).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    // Asking under an idempotency key twice is two requests of the caller's own.
    const requests = gate.requests() - (name.startsWith('an idempotency key') ? 1 : 0);
    return { name, ...describe(error), requests };
  } finally {
    await gate.stop();
    await started?.stop();
  }
}

function describe(error: unknown): Omit<OpenAiView, 'name' | 'requests'> {
  if (error instanceof OpenAI.APIError) {
    const { headers } = error;
    return {
      thrown: error.constructor.name,
      status: error.status,
      code: error.code ?? undefined,
      shouldRetry: headers?.get('x-should-retry') ?? undefined,
      waits: headers?.has('retry-after') ?? false,
    };
  }
  const thrown = error instanceof Error ? `${error.name}: ${error.message}` : 'nothing';
  return { thrown, status: undefined, code: undefined, shouldRetry: undefined, waits: false };
}
