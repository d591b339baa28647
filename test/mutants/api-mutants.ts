import type { Mutant } from './mutant.ts';

const blockLine = 'src/protocol/block-line.ts';
const messages = 'test/integration/messages.test.ts';
const responses = 'test/integration/responses.test.ts';

/** Wrong versions of the APIs that are translated: Anthropic's Messages, OpenAI's Responses. */
export const apiMutants: readonly Mutant[] = [
  {
    name: 'a tool call is closed before its arguments are whole',
    edits: [{ file: blockLine, find: "if (block.kind !== 'call') return true;", replace: 'return true;' }],
    killedBy: { file: 'src/protocol/block-line.test.ts', test: 'a call that begins before the one before it is whole waits for it' },
  },
  {
    name: 'what waits behind an open call is lost at the end',
    edits: [{ file: blockLine, find: 'while (this.#open !== undefined || this.#behind.length > 0) {', replace: 'if (this.#open !== undefined) {' }],
    killedBy: {
      file: 'src/protocol/block-line.test.ts',
      test: 'whatever is said in whatever order, each block is told once, in one go, with all that it said',
    },
  },
  {
    name: 'a message that is cut off stops well',
    edits: [
      {
        file: 'src/gateway/translated-answer.ts',
        find: 'this.#client.fail(fault, encoder.encode(this.#translation.failed(fault)));',
        replace: 'this.#client.fail(fault, encoder.encode(this.#translation.end()));',
      },
    ],
    killedBy: { file: messages, test: 'an answer that nobody may continue throws in the SDK and never stops well' },
  },
  {
    name: 'a cut message is told in chat completions’ words',
    edits: [
      {
        file: 'src/gateway/translated-answer.ts',
        find: 'this.#client.fail(fault, encoder.encode(this.#translation.failed(fault)));',
        replace: 'this.#client.fail(fault);',
      },
    ],
    killedBy: { file: messages, test: 'an answer that nobody may continue throws in the SDK and never stops well' },
  },
  {
    name: 'two keys that differ: the bearer wins',
    edits: [
      {
        file: 'src/gateway/authenticate.ts',
        find: "if (bearer !== undefined && other !== undefined && bearer !== other) return failure({ code: 'invalid_api_key', detail: twoKeys });",
        replace: '',
      },
    ],
    killedBy: { file: messages, test: 'the key may stand in x-api-key, and two that differ are refused' },
  },
  {
    name: 'a field that we do not know is dropped in silence',
    edits: [
      {
        file: 'src/protocol/messages/parse-messages-request.ts',
        find: 'if (unknown !== undefined) return failure(refusedField([unknown[0]]));',
        replace: '',
      },
    ],
    killedBy: { file: 'src/protocol/messages/parse-messages-request.test.ts', test: '%j is refused by the client’s own name of the field' },
  },
  {
    name: 'another tenant’s response can be read by its id',
    edits: [
      { file: 'src/gateway/stored-responses.ts', find: 'return JSON.stringify([tenant, id]);', replace: 'return tenant === tenant ? id : id;' },
    ],
    killedBy: { file: 'src/gateway/stored-responses.test.ts', test: 'S24: another tenant’s response does not exist' },
  },
  {
    name: 'a response is kept though the client said not to',
    edits: [
      {
        file: 'src/gateway/responses.ts',
        find: 'context.storedResponses !== undefined && body.store !== false',
        replace: 'context.storedResponses !== undefined',
      },
    ],
    killedBy: { file: responses, test: 'a kept conversation goes on by its id, for its own tenant only, until it is deleted' },
  },
  {
    name: 'instructions are said twice',
    edits: [
      {
        file: 'src/protocol/responses/parse-responses-request.ts',
        find: 'const messages = [...first, ...before, ',
        replace: 'const messages = [...first, ...first, ...before, ',
      },
    ],
    killedBy: {
      file: 'src/protocol/responses/parse-responses-request.test.ts',
      test: 'what an assistant thought, said and called in a row is one message, and a new turn begins a new one',
    },
  },
];
