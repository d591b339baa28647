import type { Mutant } from './mutant.ts';

const translated = 'src/upstream/dialect-transport.test.ts';
const quirks = 'test/integration/quirk-profiles.test.ts';
const proof = { file: translated, test: '%s: a stream that ends anywhere before its own proof is never heard as whole' } as const;

/** Wrong versions of what goes out to endpoints of other dialects, and of what comes back from them. */
export const dialectMutants: readonly Mutant[] = [
  {
    name: 'a request goes to an endpoint that refuses a part of it',
    edits: [
      { file: 'src/upstream/refused-by.ts', find: "path === undefined ? undefined : ({ what: 'member', path } as const)", replace: 'undefined' },
    ],
    killedBy: { file: quirks, test: '%s never sees %j, and the client is told which field' },
  },
  {
    name: 'what asks for nothing is sent to who refuses it by mere presence',
    edits: [
      {
        file: 'src/protocol/profiles/fit-request.ts',
        find: "if (refusal.kind === 'always' && members.has(refusal.path)) edits.set(refusal.path, undefined);",
        replace: '',
      },
    ],
    killedBy: { file: quirks, test: 'what asks for nothing is taken out for who refuses it by mere presence' },
  },
  {
    name: 'raw completions are sent a limit that they do not know',
    edits: [{ file: 'src/protocol/profiles/fit-request.ts', find: "if (!members.has('messages')) return;", replace: '' }],
    killedBy: { file: quirks, test: 'raw completions keep the only name that their limit has' },
  },
  {
    name: 'the bearer key goes along beside the dialect’s own header',
    edits: [{ file: 'src/upstream/request-writer.ts', find: 'else if (key !== undefined)', replace: 'if (key !== undefined)' }],
    killedBy: { file: quirks, test: 'Azure gets its key in its own header, and its dated API the deployment in the path' },
  },
  {
    name: 'an Anthropic answer is proven by its stop reason alone',
    edits: [
      {
        file: 'src/protocol/anthropic-upstream/messages-stream.ts',
        find: "this.#usage = readMessagesUsage(event['usage'], this.#usage);\n    return [];",
        replace: "this.#usage = readMessagesUsage(event['usage'], this.#usage);\n    return this.#stop();",
      },
    ],
    killedBy: proof,
  },
  {
    name: 'a Gemini answer is proven by a proper end alone',
    edits: [
      {
        file: 'src/protocol/gemini-upstream/generate-stream.ts',
        find: 'if (this.#reason === undefined) return [];\n    const finish = chatChunk(this.#identity, {}, publishedReason(this.#reason,',
        replace: "const finish = chatChunk(this.#identity, {}, publishedReason(this.#reason ?? 'STOP',",
      },
    ],
    killedBy: proof,
  },
  {
    name: 'tokens read from Anthropic’s cache are no input',
    edits: [
      {
        file: 'src/protocol/anthropic-upstream/read-messages-usage.ts',
        find: 'inputTokens: uncached + cachedInputTokens + cacheWriteTokens,',
        replace: 'inputTokens: uncached,',
      },
    ],
    killedBy: { file: translated, test: '%s: a whole answer says the same, with its usage' },
  },
  {
    name: 'a translated stream that was cut within an event ends as if it were whole',
    edits: [
      {
        file: 'src/upstream/translated-sink.ts',
        find: 'if (this.#decoder.hasPartialEvent) this.#inner.onData(unfinished);\n      else this.#say(',
        replace: 'this.#say(',
      },
    ],
    killedBy: { file: translated, test: 'a stream that is cut inside an event is heard as cut' },
  },
  {
    name: 'several calls that share an index become one',
    edits: [
      {
        file: 'src/protocol/profiles/answer-normaliser.ts',
        find: "return editObject(call, () => new Map([['index', String(place)]])) ?? call;",
        replace: 'return call;',
      },
    ],
    killedBy: {
      file: 'src/protocol/profiles/answer-normaliser.test.ts',
      test: 'calls are told apart by their ids, choice by choice, however they are cut into pieces',
    },
  },
];
