import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { countedText } from '../simulation/outside/counted-answer.ts';
import { data, properEnd, streamHead } from '../simulation/outside/wire-act.ts';
import { event } from '../simulation/outside/engine-dialect.ts';
import { simulateAnswer } from '../support/simulate-answer.ts';

interface Vector {
  readonly id: string;
  readonly stream_b64: string;
  readonly expect: readonly { readonly data: string }[];
}

const vectors: readonly Vector[] = JSON.parse(readFileSync(new URL('../fixtures/wpt-eventsource/vectors.json', import.meta.url), 'utf8'));
const rest = `\n\n${event({ id: 'x', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}${event('[DONE]')}`;
/** Of the longest vector every split would take long and show the same: its comment has no end of kinds of places. */
const mostSplits = 200;

/** A vector whose events bring numbered tokens: its own data is put away, and all else of its syntax is kept. */
function withTokens(vector: Vector): { readonly bytes: Buffer; readonly tokens: number } {
  let tokens = 0;
  let inEvent = false;
  const text = Buffer.from(vector.stream_b64, 'base64').toString('utf8');
  const lines = text.split(/(\r\n|\n|\r)/);
  const changed = lines.map((line, index) => {
    if (index % 2 === 1) return line;
    if (line === '') inEvent = false;
    const [, field, space] = /^(data)(?::( ?).*)?$/s.exec(line) ?? [];
    if (field === undefined) return line;
    // The first line of an event brings its token; what follows is white space between the parts of a JSON text.
    if (inEvent) return line.includes(':') ? `data:${space ?? ''}` : line;
    inEvent = true;
    tokens += 1;
    return `data:${space ?? ''}{"id":"x","choices":[{"index":0,"delta":{"content":"<1.${tokens}>"},"finish_reason":null}]}`;
  });
  return { bytes: Buffer.from(changed.join(''), 'utf8'), tokens: Math.min(tokens, vector.expect.length) };
}

function splits(bytes: Buffer): readonly (readonly Buffer[])[] {
  const step = Math.max(1, Math.floor(bytes.length / mostSplits));
  const twos = Array.from({ length: Math.ceil(bytes.length / step) }, (_, index) => [bytes.subarray(0, index * step), bytes.subarray(index * step)]);
  const bytewise = Array.from({ length: Math.min(bytes.length, 500) }, (_, at) => bytes.subarray(at, at + 1));
  return [[bytes], [...bytewise, bytes.subarray(bytewise.length)], ...twos];
}

test.each(vectors)('$id through the gateway: whole, byte by byte and at every split the same answer', async (vector) => {
  const { bytes, tokens } = withTokens(vector);
  const unfinished = vector.id === 'format-data-before-final-empty-line';
  const views = [];
  for (const pieces of splits(bytes)) {
    const acts = [
      streamHead,
      ...pieces.filter(({ length }) => length > 0).map((piece) => data('content', piece)),
      ...(unfinished ? [] : [data('end', rest)]),
      properEnd,
    ];
    const { view, record } = await simulateAnswer(acts);
    views.push(view);
    expect(view).toMatchObject({ status: 200, text: countedText(1, 1, tokens), done: !unfinished, broken: undefined });
    expect(record.over).toBe(unfinished ? 'reset' : 'end');
  }
  expect(tokens).toBe(vector.expect.length);
  expect(new Set(views.map(({ text, errorCode, finishReasons }) => JSON.stringify({ text, errorCode, finishReasons }))).size).toBe(1);
});

test('the vectors as they are bring no chunk: before content another endpoint answers, at every split', async () => {
  for (const vector of vectors) {
    const bytes = Buffer.from(vector.stream_b64, 'base64').subarray(0, 120);
    for (const pieces of splits(bytes)) {
      const acts = [streamHead, ...pieces.filter(({ length }) => length > 0).map((piece) => data('content', piece)), properEnd];
      const { view } = await simulateAnswer(acts, { healthy: true });
      expect(view, vector.id).toMatchObject({ text: countedText(1, 1, 3), done: true, segments: [{ endpoint: 'e1' }] });
    }
  }
});
