import { chatBody, finding, type Check } from './check-context.ts';
import { isRecord } from '../../std/is-record.ts';
import { readStream, readWhole } from './read-answer.ts';

const tool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Weather of a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string', enum: ['paris', 'london'] } },
      required: ['city'],
      additionalProperties: false,
    },
  },
} as const;

/** Options of the published API that engines often ignore. */
export const checkGenerationOptions: Check = async ({ probe, model }) => {
  const named = await probe.post(
    '/chat/completions',
    chatBody(model, { max_tokens: 80, stream: true, tools: [tool], tool_choice: { type: 'function', function: { name: 'get_weather' } } }),
  );
  const calls = readStream(named.text).chunks.flatMap(({ choices }) => choices.flatMap(({ delta }) => delta?.tool_calls ?? []));
  const called = calls.some((call) => call.function?.name === 'get_weather');
  const asked = await probe.post('/chat/completions', chatBody(model, { max_tokens: 3, logprobs: true, top_logprobs: 2 }));
  const logprobs = readWhole(asked.json)?.choices[0]?.logprobs;
  const hasLogprobs = isRecord(logprobs) && Array.isArray(logprobs['content']) && logprobs['content'].length > 0;
  return [
    finding(
      probe,
      'named-tool',
      named,
      called
        ? { result: 'ok', what: 'A tool that is named must be called, and is.' }
        : {
            result: 'deviates',
            what:
              named.status === 200
                ? 'A tool that is named is not called: the choice is ignored.'
                : `A named tool is refused with status ${named.status}.`,
          },
    ),
    finding(
      probe,
      'logprobs',
      asked,
      hasLogprobs
        ? { result: 'ok', what: '`logprobs` are given.' }
        : { result: 'deviates', what: asked.status === 200 ? '`logprobs` is ignored.' : `\`logprobs\` is refused with status ${asked.status}.` },
    ),
  ];
};
