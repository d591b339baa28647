import { test } from 'vitest';
import fc from 'fast-check';
import { AnswerNormaliser } from './profiles/answer-normaliser.ts';
import { GenerateStream } from './gemini-upstream/generate-stream.ts';
import { MessagesStream } from './anthropic-upstream/messages-stream.ts';
import { profileFrom } from './profiles/profile.ts';
import { replayable } from '../std/testing/replayable.ts';
import { wholeGenerate } from './gemini-upstream/whole-generate.ts';
import { wholeMessage } from './anthropic-upstream/whole-message.ts';

const names =
  'type index delta content_block message usage error candidates content parts text functionCall name args finishReason promptFeedback blockReason usageMetadata promptTokenCount stop_reason id model input thinking signature choices tool_calls function arguments finish_reason x_groq __proto__ constructor';
const words =
  'message_start content_block_start content_block_delta content_block_stop message_delta message_stop error text tool_use thinking text_delta input_json_delta STOP stop message';

const leaf = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.boolean(), fc.constantFrom(...words.split(' ')));
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names.split(' ')), tie('json'), { maxKeys: 6 }),
  ),
}));

test('whatever an endpoint says, nobody who reads it throws', () => {
  const identity = { id: 'a', model: 'm', created: 1 };
  const quirks = {
    finishReasons: { eos: 'stop' },
    callsEndWithStop: true,
    callsShareIndex: true,
    contentInParts: true,
    usageIn: 'x_groq.usage',
  } as const;
  const profile = profileFrom({ name: 'x', title: 'x', origins: [], answer: quirks });
  fc.assert(
    fc.property(fc.array(json, { maxLength: 6 }), (events) => {
      const anthropic = new MessagesStream(identity);
      const gemini = new GenerateStream(identity);
      const normaliser = new AnswerNormaliser(profile);
      for (const event of events) {
        const data = JSON.stringify(event);
        anthropic.push(data);
        gemini.push(data);
        normaliser.push(new TextEncoder().encode(data));
        wholeMessage(event, 1);
        wholeGenerate(event, identity);
      }
      gemini.end();
    }),
    replayable('src/protocol/hostile-answers.test.ts', 2000),
  );
});
