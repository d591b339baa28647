import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memberSpans } from './member-spans.ts';
import { lenientScan, scanJson } from './scan-json.ts';
import { replayable } from '../std/testing/replayable.ts';

const encoder = new TextEncoder();
const space = fc.constantFrom('', ' ', '\n', '\t', '\r\n', '  ');

/** JSON objects as people and machines spell them: with spaces anywhere, escapes, and names that stand twice. */
const spelled = fc
  .array(fc.tuple(fc.oneof(fc.string(), fc.constantFrom('a', 'a', '"', '\\', 'é', '😀', '__proto__')), fc.jsonValue(), space, space), {
    maxLength: 8,
  })
  .map(
    (members) =>
      `{${members.map(([name, value, before, after]) => `${before}${JSON.stringify(name)}${after}:${before}${JSON.stringify(value, null, after.length)}${after}`).join(',')} }`,
  );

test('in well-formed JSON it sees what the strict scan sees', () => {
  fc.assert(
    fc.property(fc.oneof(spelled, fc.json()), (text) => {
      const bytes = encoder.encode(text);
      const scanned = scanJson(bytes, lenientScan);
      if (!scanned.ok) throw new Error(`${text} is no JSON: ${scanned.failure.what}`);
      expect(memberSpans(bytes)).toEqual(scanned.value.kind === 'object' ? scanned.value : undefined);
    }),
    replayable('src/protocol/member-spans.test.ts', 1000),
  );
});

test('bytes that are no JSON end it, whatever they are', () => {
  const pieces = fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', ' ', 'a', '1', '"a"');
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      memberSpans(encoder.encode(parts.join('')));
    }),
    replayable('src/protocol/member-spans.test.ts', 1000),
  );
});
