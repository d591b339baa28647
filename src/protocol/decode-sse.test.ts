import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SseDecoder } from './decode-sse.ts';
import type { SseEvent, SseFailure, SseLimits } from './decode-sse.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const roomy: SseLimits = { lineBytes: 1 << 20, eventBytes: 4 << 20 };

interface Vector {
  readonly id: string;
  readonly stream_b64: string;
  readonly expect: readonly { readonly type: string; readonly data: string }[];
}
const vectors: readonly Vector[] = JSON.parse(readFileSync(new URL('../../test/fixtures/wpt-eventsource/vectors.json', import.meta.url), 'utf8'));

interface Decoded {
  readonly events: readonly SseEvent[];
  readonly failed: SseFailure | undefined;
  readonly partial: boolean;
}

function decode(chunks: Iterable<Uint8Array>, limits: SseLimits = roomy): Decoded {
  const sse = new SseDecoder(limits);
  const events: SseEvent[] = [];
  for (const chunk of chunks) {
    const pushed = sse.push(chunk);
    if (!pushed.ok) return { events, failed: pushed.failure, partial: sse.hasPartialEvent };
    events.push(...pushed.value);
  }
  return { events, failed: undefined, partial: sse.hasPartialEvent };
}

const decodeText = (...chunks: string[]): Decoded => decode(chunks.map((chunk) => encoder.encode(chunk)));
const bytewise = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte));

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function shown(events: readonly SseEvent[]): unknown[] {
  return events.map((event) =>
    event.kind === 'comment'
      ? { raw: decoder.decode(event.raw) }
      : { name: event.name, data: event.data, dataBytes: hex(event.dataBytes), raw: hex(event.raw) },
  );
}

const dispatched = (events: readonly SseEvent[]): unknown[] =>
  events.flatMap((event) => (event.kind === 'event' ? [{ type: event.name, data: event.data }] : []));

describe('web platform tests', () => {
  test('are here whole', () => expect(vectors.length).toBe(13));
  test.each(vectors)('$id: whole, byte by byte and at every split', (vector) => {
    const bytes = Uint8Array.from(Buffer.from(vector.stream_b64, 'base64'));
    const expected = vector.expect.map(({ type, data }) => ({ type, data }));
    const whole = decode([bytes]);
    expect(dispatched(whole.events)).toEqual(expected);
    const asWhole = shown(whole.events);
    expect(shown(decode(bytewise(bytes)).events)).toEqual(asWhole);
    for (let split = 0; split <= bytes.length; split++) {
      const halves = decode([bytes.subarray(0, split), bytes.subarray(split)]);
      expect(shown(halves.events)).toEqual(asWhole);
      expect(halves.partial).toBe(whole.partial);
    }
  });
});

describe('an event is not held back', () => {
  test('by a CR at the end of a chunk, and the LF after it is not a second line end', () => {
    const sse = new SseDecoder(roomy);
    const first = sse.push(encoder.encode('data: 1\r\n\r'));
    expect(first.ok && dispatched(first.value)).toEqual([{ type: 'message', data: '1' }]);
    expect(sse.hasPartialEvent).toBe(false);
    const second = sse.push(encoder.encode('\ndata: 2\r\r'));
    expect(second.ok && dispatched(second.value)).toEqual([{ type: 'message', data: '2' }]);
  });
  test('by a missing byte order mark', () => {
    expect(dispatched(decodeText('\n').events)).toEqual([]);
    expect(dispatched(decode([Uint8Array.of(0xef), Uint8Array.of(0xbb, 0xbf, ...encoder.encode('data:x\n\n'))]).events)).toEqual([
      { type: 'message', data: 'x' },
    ]);
    expect(dispatched(decode([Uint8Array.of(0xef), Uint8Array.of(0xbb), encoder.encode('\ndata:x\n\n')]).events)).toEqual([
      { type: 'message', data: 'x' },
    ]);
  });
});

describe('raw bytes', () => {
  test('of all blocks together are the stream, and can be decoded again', () => {
    const text = ': hello\n\nevent: error\ndata: {"a":"é😀"}\nid: 7\n\nretry: 5\r\n\r\ndata: x\r\n\r\n';
    const { events } = decodeText(text);
    expect(events.map((event) => event.kind)).toEqual(['comment', 'event', 'comment', 'event']);
    expect(events.map((event) => decoder.decode(event.raw)).join('')).toBe(text);
  });
  test('leave out the mark at the start of the stream, but no later one', () => {
    const { events } = decodeText('\ufeffdata: \ufeffa\n\n\ufeffdata: b\n\n');
    expect(events.map((event) => [event.kind, decoder.decode(event.raw)])).toEqual([
      ['event', 'data: \ufeffa\n\n'],
      ['comment', '\ufeffdata: b\n\n'],
    ]);
    expect(dispatched(events)).toEqual([{ type: 'message', data: '\ufeffa' }]);
  });
  test('that were handed out do not change when more is pushed', () => {
    const sse = new SseDecoder(roomy);
    const kept: SseEvent[] = [];
    for (const byte of bytewise(encoder.encode('data: 1\n\ndata: 2\n\ndata: 3\n\n'))) {
      const pushed = sse.push(byte);
      if (pushed.ok) kept.push(...pushed.value);
    }
    expect(kept.map((event) => decoder.decode(event.raw))).toEqual(['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n']);
  });
});

describe('the end marker', () => {
  test.each([
    ['data: [DONE]\n\n', '[DONE]'],
    ['data:[DONE]\n\n', '[DONE]'],
    ['data: [DONE] \n\n', '[DONE] '],
    ['data:  [DONE]\n\n', ' [DONE]'],
    ['data: [DO\ndata: NE]\n\n', '[DO\nNE]'],
  ])('%j is read as %j', (text, data) => {
    expect(dispatched(decodeText(text).events)).toEqual([{ type: 'message', data }]);
  });
});

describe('a partial event', () => {
  test.each([
    ['data: x', true],
    ['data: x\n', true],
    ['d', true],
    ['event: e\r\n', true],
    ['data: x\n\n', false],
    ['data: x\n\ndata: y\n', true],
    [': a comment\n', false],
    [': half a com', false],
    ['data: x\r\n\r', false],
    ['', false],
    ['\ufeff', false],
  ])('%j: %s', (text, partial) => {
    expect(decodeText(text).partial).toBe(partial);
    expect(decode(bytewise(encoder.encode(text))).partial).toBe(partial);
  });
});

describe('limits', () => {
  const small: SseLimits = { lineBytes: 10, eventBytes: 20 };
  test.each([
    ['data: 1234\n\n', undefined],
    ['data: 12345\n\n', 'line-too-large'],
    ['data: 12345', 'line-too-large'],
    ['data: 1234\ndata: 12\n\n', undefined],
    ['data: 1234\ndata: 123\n\n', 'event-too-large'],
    [': 1\n: 2\n: 3\n: 4\n: 5\n: 6\n', 'event-too-large'],
    ['\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n', undefined],
  ] as const)('%j: %s', (text, failed) => {
    expect(decode([encoder.encode(text)], small).failed).toBe(failed);
    expect(decode(bytewise(encoder.encode(text)), small).failed).toBe(failed);
  });
  test('a failed decoder stays failed', () => {
    const sse = new SseDecoder(small);
    sse.push(encoder.encode('data: 12345'));
    expect(sse.push(encoder.encode('\n\ndata: 1\n\n'))).toEqual({ ok: false, failure: 'line-too-large' });
  });
});

/** The standard's rules on a whole text, with nothing in common with the decoder. */
function reference(text: string): unknown[] {
  const events: unknown[] = [];
  let data: string[] = [];
  let name = '';
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\r|\n/);
  for (const line of lines.slice(0, -1)) {
    if (line === '') {
      if (data.length > 0) events.push({ type: name === '' ? 'message' : name, data: data.join('\n') });
      data = [];
      name = '';
      continue;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?([^]*))?$/.exec(line) ?? [];
    if (field === 'data') data.push(value);
    if (field === 'event') name = value;
  }
  return events;
}

const streamText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'data',
        'data:',
        'data: ',
        'event:',
        'event: x',
        'id: 1',
        ':',
        ': c',
        '\n',
        '\n',
        '\n\n',
        '\r',
        '\r\n',
        '\r\n\r\n',
        ' ',
        '\0',
        '\ufeff',
        'é',
        '😀',
        '[DONE]',
      ),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    chunks.push(bytes.slice(at, at + size));
    at += size;
  }
  return chunks;
}

test('fuzz: any split gives the events of a whole-text reference', () => {
  fc.assert(
    fc.property(streamText, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }), (text, sizes) => {
      const bytes = encoder.encode(text);
      const whole = decode([bytes]);
      expect(dispatched(whole.events)).toEqual(reference(decoder.decode(bytes)));
      const split = decode(cut(bytes, sizes));
      expect(shown(split.events)).toEqual(shown(whole.events));
      expect(split.partial).toBe(whole.partial);
    }),
    { numRuns: 3000 },
  );
});

test('fuzz: any split fails alike under small limits', () => {
  fc.assert(
    fc.property(
      streamText,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 24 }),
      (text, sizes, lineBytes, eventBytes) => {
        const bytes = encoder.encode(text);
        expect(decode(cut(bytes, sizes), { lineBytes, eventBytes }).failed).toBe(decode([bytes], { lineBytes, eventBytes }).failed);
      },
    ),
    { numRuns: 3000 },
  );
});

test('fuzz: arbitrary bytes decode alike however they are split', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(10, 13, 58, 0xef, 0xbb, 0xbf), fc.nat(255)), { maxLength: 80 }),
      fc.integer({ min: 1, max: 5 }),
      (list, size) => {
        const bytes = Uint8Array.from(list);
        expect(shown(decode(cut(bytes, [size])).events)).toEqual(shown(decode([bytes]).events));
      },
    ),
    { numRuns: 1000 },
  );
});
