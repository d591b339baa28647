import { chatBody, finding, type Check, type CheckContext } from './check-context.ts';
import { readWhole } from './read-answer.ts';
import type { ProbeAnswer } from './doctor-probe.ts';

/** Characters that must agree for a continuation to count as one: more would fail on tokens cut otherwise. */
const comparedCharacters = 4;

/** Whether an assistant's text that was begun elsewhere is continued here. */
export const checkPrefill: Check = async (context) => {
  const { probe, model, opening } = context;
  if (opening === '') return [];
  const answer = await probe.post(
    '/chat/completions',
    chatBody(model, {
      messages: [
        { role: 'user', content: 'Hello gateway' },
        { role: 'assistant', content: opening },
      ],
      continue_final_message: true,
      add_generation_prompt: false,
    }),
  );
  return [finding(probe, 'prefill', answer, judge(answer, context))];
};

function judge(answer: ProbeAnswer, { opening, plainText }: CheckContext): Parameters<typeof finding>[3] {
  if (answer.status !== 200) return { result: 'unsupported', what: `\`continue_final_message\` is refused with status ${answer.status}.` };
  const text = readWhole(answer.json)?.choices[0]?.message?.content ?? '';
  if (text.startsWith(opening)) return { result: 'deviates', what: 'The answer repeats the text that it was to continue.' };
  if (text !== '' && text.startsWith(plainText.slice(opening.length, opening.length + comparedCharacters)))
    return { result: 'ok', what: 'The answer goes on where the given text ended.' };
  return { result: 'deviates', what: 'The answer does not go on where the given text ended, as if a new turn began.' };
}
