import { expect, test } from 'vitest';
import { emptyDraft } from './answer-draft.ts';
import { isRunning, messagesFor, reduceChat, type ChatAction, type Turn } from './chat-state.ts';

function play(...actions: readonly ChatAction[]): readonly Turn[] {
  return actions.reduce(reduceChat, []);
}
const asked: ChatAction = { kind: 'asked', id: 1, question: 'Why?' };
const draft = { ...emptyDraft, text: 'Because.' };

test('what arrives for a cleared chat changes nothing', () => {
  expect(
    play(asked, { kind: 'cleared' }, { kind: 'progressed', id: 1, draft }, { kind: 'ended', id: 1, draft, ending: { kind: 'stopped' } }),
  ).toEqual([]);
});

test('a turn runs until it has an ending', () => {
  const started = play(asked, { kind: 'started', id: 1, startedOn: undefined });
  expect(started.map(isRunning)).toEqual([true]);
  expect(reduceChat(started, { kind: 'ended', id: 1, draft, ending: { kind: 'stopped' } }).map(isRunning)).toEqual([false]);
});

test('an unplug that is confirmed after a fast answer ended is still told', () => {
  const turns = play(
    asked,
    { kind: 'ended', id: 1, draft, ending: { kind: 'complete', finishReason: 'stop' } },
    { kind: 'unplugged', id: 1, endpoint: 'engine-1' },
  );
  expect(turns[0]?.unplugged).toEqual(['engine-1']);
  expect(turns[0]?.status.kind).toBe('complete');
});

test('a question without any answer is not sent again as history', () => {
  const failed = play(asked, { kind: 'ended', id: 1, draft: emptyDraft, ending: { kind: 'stopped' } });
  expect(messagesFor(failed, 'And now?')).toEqual([{ role: 'user', content: 'And now?' }]);
  const answered = play(asked, { kind: 'ended', id: 1, draft, ending: { kind: 'complete', finishReason: 'stop' } });
  expect(messagesFor(answered, 'And now?').map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
});
