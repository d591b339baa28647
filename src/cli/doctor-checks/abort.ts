import { chatBody, finding, type Check } from './check-context.ts';
import { readWhole } from './read-answer.ts';

/** Whether the endpoint bears a client that goes away in mid-stream. What it computes after that cannot be seen from outside. */
export const checkAbort: Check = async ({ probe, model }) => {
  const left = await probe.abandon('/chat/completions', chatBody(model, { max_tokens: 200, stream: true }));
  const next = await probe.post('/chat/completions', chatBody(model));
  const fine = left.end === 'abandoned' && readWhole(next.json) !== undefined;
  const found = finding(
    probe,
    'abort',
    next,
    fine
      ? { result: 'ok', what: 'After a client went away in mid-stream the next question is answered.' }
      : { result: 'failed', what: 'After a client went away in mid-stream the next question is not answered.' },
  );
  return [{ ...found, evidence: { sent: `${left.sent}, broken off at the first bytes; then ${next.sent}`, came: probe.show(next) } }];
};
