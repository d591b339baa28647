import { chatBody, finding, type Check, type CheckContext } from './check-context.ts';
import { readStream, type StreamAnswer, type StreamChunk } from './read-answer.ts';
import type { Finding } from './finding.ts';
import type { ProbeAnswer } from './doctor-probe.ts';

type Judged = Parameters<typeof finding>[3];

/** The form of streams: role first, nothing in the finish chunk, a chunk of its own for usage, `[DONE]`, stop strings. */
export const checkStreams: Check = async (context) => {
  const { probe, model, opening } = context;
  const plain = await probe.post('/chat/completions', chatBody(model, { stream: true }));
  const withUsage = await probe.post('/chat/completions', chatBody(model, { stream: true, stream_options: { include_usage: true } }));
  // The middle of the known beginning: the stream has then to hold text back to keep the stop string out.
  const stop = opening.slice(7);
  const stopped = stop.length < 2 ? undefined : await probe.post('/chat/completions', chatBody(model, { stream: true, stop: [stop] }));
  const streams = [plain, withUsage, ...(stopped === undefined ? [] : [stopped])];
  return [
    finding(probe, 'stream-role-first', plain, judgeRole(readStream(plain.text))),
    finishContent(context, streams),
    finding(probe, 'stream-done', plain, judgeEnd(plain, readStream(plain.text))),
    finding(probe, 'stream-usage', withUsage, judgeUsage(readStream(withUsage.text))),
    ...(stopped === undefined ? [] : [finding(probe, 'stop', stopped, judgeStop(stopped, context, stop))]),
  ];
};

function judgeRole({ chunks }: StreamAnswer): Judged {
  const first = chunks[0]?.choices[0]?.delta;
  if (first?.role === 'assistant' && (first.content ?? '') === '') return { result: 'ok', what: 'The first delta has the role and no text.' };
  return {
    result: 'deviates',
    what: first?.role === 'assistant' ? 'The first delta has text beside the role.' : 'The first delta does not name the role.',
  };
}

function finishChunk({ chunks }: StreamAnswer): StreamChunk['choices'][number] | undefined {
  return chunks.flatMap(({ choices }) => choices).findLast(({ finish_reason: reason }) => reason != null);
}

function finishContent({ probe }: CheckContext, streams: readonly ProbeAnswer[]): Finding {
  const carries = (answer: ProbeAnswer): boolean => {
    const delta = finishChunk(readStream(answer.text))?.delta;
    return (delta?.content ?? '') !== '' || (delta?.tool_calls?.length ?? 0) > 0;
  };
  const name = 'stream-finish-content';
  const [first] = streams;
  const guilty = streams.find(carries);
  if (guilty !== undefined) {
    const delta = JSON.stringify(finishChunk(readStream(guilty.text))?.delta);
    const found = finding(probe, name, guilty, {
      result: 'deviates',
      what: 'The chunk with the finish_reason carries text too: a client that stops reading there loses it.',
    });
    return { ...found, evidence: { sent: guilty.sent, came: probe.shorten(`finish chunk with delta ${delta}`) } };
  }
  if (first === undefined)
    return { name, result: 'failed', fatal: false, what: 'There was no stream to look at.', evidence: { sent: '–', came: '–' } };
  const finish = finishChunk(readStream(first.text));
  const found = finding(
    probe,
    name,
    first,
    finish === undefined
      ? { result: 'failed', what: 'There is no chunk with a finish_reason.' }
      : { result: 'ok', what: 'The chunk with the finish_reason carries nothing else.' },
  );
  return {
    ...found,
    evidence: { sent: first.sent, came: probe.shorten(`${first.status}, finish chunk with delta ${JSON.stringify(finish?.delta)}`) },
  };
}

function judgeEnd(answer: ProbeAnswer, stream: StreamAnswer): Judged {
  if (answer.status !== 200) return { result: 'failed', fatal: true, what: `A stream was refused with status ${answer.status}.` };
  const [strange] = stream.strange;
  if (strange !== undefined) return { result: 'failed', fatal: true, what: 'The stream has an event that is neither a chunk nor [DONE].' };
  if (answer.end !== 'complete' || stream.partial) return { result: 'failed', fatal: true, what: 'The stream was cut.' };
  if (finishChunk(stream) === undefined)
    return { result: 'failed', fatal: true, what: 'The stream ends without a finish_reason, so that a cut could not be told from an end.' };
  if (stream.done) return { result: 'ok', what: 'The stream ends with a finish_reason and [DONE].' };
  if (answer.framed) return { result: 'deviates', what: 'The stream ends without [DONE]; its end can be told by the framing of HTTP alone.' };
  return { result: 'failed', fatal: true, what: 'The stream ends without [DONE] and without framing: a cut cannot be told from an end.' };
}

function judgeUsage({ chunks }: StreamAnswer): Judged {
  const carrier = chunks.find(({ usage }) => usage != null);
  if (carrier === undefined) return { result: 'deviates', what: 'include_usage is ignored.' };
  if (carrier.choices.length === 0) return { result: 'ok', what: 'include_usage gives a last chunk of its own, without choices.' };
  return { result: 'deviates', what: 'Usage comes inside a chunk with choices, not in one of its own.' };
}

function judgeStop(answer: ProbeAnswer, { plainText }: CheckContext, stop: string): Judged {
  if (answer.status !== 200) return { result: 'deviates', what: `A stop string is answered with status ${answer.status}.` };
  const { text } = readStream(answer.text);
  if (text.includes(stop)) return { result: 'deviates', what: 'The stop string is part of the answer.' };
  if (text !== plainText.slice(0, plainText.indexOf(stop)))
    return { result: 'deviates', what: 'With a stop string the answer differs from the beginning of the one without.' };
  return { result: 'ok', what: 'The answer ends before the stop string.' };
}
