import { chatBody, finding, type Check } from './check-context.ts';
import { readWhole } from './read-answer.ts';

/** Prompts and answers as token ids: what a token-exact continuation on another chip needs. */
export const checkTokenIds: Check = async ({ probe, model }) => {
  const out = await probe.post('/chat/completions', chatBody(model, { return_token_ids: true }));
  const whole = readWhole(out.json);
  const promptIds = whole?.prompt_token_ids ?? undefined;
  const both = promptIds !== undefined && (whole?.choices[0]?.token_ids?.length ?? 0) > 0;
  // Any small ids will do where the endpoint does not tell its own: only whether they are taken is asked.
  const given = await probe.post('/completions', { model, prompt: promptIds ?? [1, 2, 3, 4], temperature: 0, max_tokens: 6 });
  const accepted = given.status === 200 && readWhole(given.json)?.choices[0]?.text !== undefined;
  return [
    finding(
      probe,
      'token-ids-out',
      out,
      both
        ? { result: 'ok', what: '`return_token_ids` gives the ids of prompt and answer.' }
        : {
            result: 'unsupported',
            what: out.status === 200 ? '`return_token_ids` is ignored.' : `\`return_token_ids\` is refused with status ${out.status}.`,
          },
    ),
    finding(
      probe,
      'token-ids-in',
      given,
      accepted
        ? { result: 'ok', what: 'A prompt is taken as token ids.' }
        : { result: 'unsupported', what: `A prompt of token ids is answered with status ${given.status}.` },
    ),
  ];
};
