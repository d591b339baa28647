/**
 * Run by `json-guards.test.ts` in a Node whose intrinsics are frozen: the whole path of requests and answers that would
 * change prototypes. Whatever tried to would throw, which is answered with a 500 and reported.
 */
import { bodyRoutes } from './every-route.ts';
import { chunk, event, jsonResponse, lastChunk, startScriptedUpstream, streamHead, type Script } from '../support/scripted-upstream.ts';
import { postRaw } from '../support/read-answer.ts';
import { startTestGateway } from '../support/test-gateway.ts';

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf'];
const poison = (name: string): string => `"${name}":{"polluted":"yes","prototype":{"polluted":"yes"},"tenant":"another","isAdmin":true}`;

function within(json: string, member: string): string {
  return json.replaceAll('{', `{${member},`).replaceAll(',}', '}');
}

const answer =
  '{"id":"c","object":"chat.completion","created":7,"model":"up","choices":[{"index":0,"message":{"role":"assistant","content":"x","tool_calls":[{"id":"t","type":"function","function":{"name":"__proto__","arguments":"{}"}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}';
const embedding = '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1]}],"usage":{"prompt_tokens":1,"total_tokens":1}}';
const completion = '{"choices":[{"index":0,"text":"x","finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}';
const delta =
  '{"id":"c","object":"chat.completion.chunk","created":7,"model":"up","choices":[{"index":0,"delta":{"role":"assistant","content":"x"},"finish_reason":null}]}';
const end =
  '{"id":"c","object":"chat.completion.chunk","created":7,"model":"up","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}';

let played = 0;
function script(path: string, body: string): Script {
  const member = poison(names[(played += 1) % names.length] ?? '__proto__');
  if (played % 7 === 0)
    return { pieces: [jsonResponse(400, within('{"error":{"message":"no","param":"__proto__","code":"constructor"}}', member))], end: 'keep' };
  if (path.endsWith('/embeddings')) return { pieces: [jsonResponse(200, within(embedding, member))], end: 'keep' };
  if (path.endsWith('/completions') && !path.includes('chat')) return { pieces: [jsonResponse(200, within(completion, member))], end: 'keep' };
  if (!body.includes('"stream":true')) return { pieces: [jsonResponse(200, within(answer, member))], end: 'keep' };
  return { pieces: [streamHead, chunk(event(within(delta, member)) + event(within(end, member)) + event('[DONE]')), lastChunk], end: 'keep' };
}

const prototypes = [Object, Array, Function, String, Number, Map, Set, Promise, RegExp, Error, Uint8Array].map((made) => made.prototype);
const ownNames = (): readonly string[] => prototypes.flatMap((one) => Object.getOwnPropertyNames(one));
const before = ownNames().join();

const upstream = await startScriptedUpstream(({ path, body }) => script(path, body));
const gate = await startTestGateway([{ id: 'one', origin: upstream.origin, passUnknownFields: true }], { storedResponses: {} });
const statuses: Record<string, number> = {};
for (const { path, body } of bodyRoutes)
  for (const name of names)
    for (const streamed of [false, true]) {
      const plain = JSON.stringify(streamed ? { ...body, stream: true } : body);
      const asked = [
        `${plain.slice(0, -1)},${poison(name)}}`,
        within(plain, poison(name)),
        plain,
        JSON.stringify({ ...body, model: name }),
        plain.replace('"hi"', `"${name}"`),
      ];
      for (const text of asked) {
        const { status } = await postRaw(`${gate.url}${path}`, text, { 'idempotency-key': `${name}-${statuses['all'] ?? 0}` });
        statuses[status] = (statuses[status] ?? 0) + 1;
        statuses['all'] = (statuses['all'] ?? 0) + 1;
      }
    }
for (const name of names) for (const path of [`/v1/models/${name}`, `/v1/responses/${name}`, `/${name}`]) await fetch(`${gate.url}${path}`);
const usage = await gate.ledger.usage({ groupBy: 'model' });
await gate.stop();
await upstream.stop();
const polluted = [{}, [], () => {}, ''].some(
  (one) => Reflect.get(Object(one), 'polluted') !== undefined || Reflect.get(Object(one), 'isAdmin') !== undefined,
);
process.stdout.write(
  JSON.stringify({
    frozen: Object.isFrozen(Object.prototype),
    polluted,
    changed: before !== ownNames().join(),
    statuses,
    reports: gate.reports,
    rows: usage.rows.length,
  }),
);
