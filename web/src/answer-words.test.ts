import { expect, test } from 'vitest';
import { emptyDraft } from './answer-draft.ts';
import { formatMs, outcomeWords, segmentWords, siliconName } from './answer-words.ts';
import type { AnswerStatus, Turn } from './chat-state.ts';
import type { Segment } from './segment.ts';

const segment: Segment = {
  endpoint: 'engine-1',
  vendor: 'amd',
  silicon: 'AMD EPYC 9B14',
  evidence: 'measured',
  outputTokens: 42,
  characters: 100,
  gapMs: undefined,
};
const complete: AnswerStatus = { kind: 'complete', finishReason: 'stop' };

function turn(status: AnswerStatus, segments: readonly Segment[], unplugged: readonly string[]): Turn {
  const report = { requestId: undefined, attempts: segments.length, overheadMs: undefined, segments };
  return { id: 1, question: 'Why?', status, startedOn: undefined, unplugged, unplugMissed: false, draft: { ...emptyDraft, report } };
}

test('the vendor is named once, and unknown silicon is said to be unknown', () => {
  expect(siliconName('amd', 'AMD EPYC 9B14')).toBe('AMD EPYC 9B14');
  expect(siliconName('nvidia', 'H100')).toBe('NVIDIA H100');
  expect(siliconName('nvidia', 'unknown')).toBe('NVIDIA, chip unknown');
  expect(siliconName('unknown', 'unknown')).toBe('unknown silicon');
});

test('a continuing segment says how long nothing came', () => {
  expect(segmentWords(segment)).toBe('engine-1 · 42 tokens');
  expect(segmentWords({ ...segment, endpoint: 'engine-2', outputTokens: 1, gapMs: 12 })).toBe('engine-2 · 1 token · continued after 12 ms');
  expect(segmentWords({ ...segment, continuedBy: 'prefill', gapMs: 12 })).toBe('engine-1 · 42 tokens · continued from the text after 12 ms');
  expect(segmentWords({ ...segment, outputTokens: undefined, gapMs: 0 })).toBe('engine-1 · continued after 0 ms');
});

test('the outcome says who was unplugged and who went on', () => {
  const both = [segment, { ...segment, endpoint: 'engine-2', gapMs: 12 }];
  expect(outcomeWords(turn(complete, both, ['engine-1']))).toBe('engine-1 was unplugged in mid-answer, and engine-2 went on with it.');
  expect(outcomeWords(turn(complete, both, []))).toBe('engine-1 was lost in mid-answer, and engine-2 went on with it.');
  expect(outcomeWords(turn(complete, [segment], ['engine-1']))).toBe('engine-1 was unplugged, but the whole answer had come by then.');
  expect(outcomeWords(turn(complete, [segment], []))).toBeUndefined();
});

test('an unplug that came to nothing is told', () => {
  expect(outcomeWords({ ...turn(complete, [segment], []), unplugMissed: true })).toBe('The answer ended before anything could be unplugged.');
});

test('an answer that failed after an unplug is not said to have gone on', () => {
  const failed: AnswerStatus = { kind: 'incomplete', trouble: { message: 'lost', code: 'upstream_stream_error' } };
  expect(outcomeWords(turn(failed, [segment], ['engine-1']))).toBe('engine-1 was unplugged in mid-answer.');
});

test('while an answer runs, an unplug is told and nothing is promised', () => {
  expect(outcomeWords(turn({ kind: 'answering' }, [], ['engine-1']))).toBe('engine-1 was unplugged.');
});

test('an answer that the token limit ended says so', () => {
  expect(outcomeWords(turn({ kind: 'complete', finishReason: 'length' }, [segment], []))).toContain('token limit');
});

test('durations keep the digits that mean something', () => {
  expect([formatMs(0.82), formatMs(12.4), formatMs(1_540)]).toEqual(['0.8 ms', '12 ms', '1.5 s']);
});
