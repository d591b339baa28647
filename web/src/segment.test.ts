import { expect, test } from 'vitest';
import { readProvenanceHeaders, readReport } from './segment.ts';

const segment = {
  endpoint: 'engine-1',
  vendor: 'amd',
  silicon: 'AMD EPYC 9B14',
  evidence: 'measured',
  output_tokens: 2,
  characters: 9,
  gap_ms: null,
};

test('missing figures are unknown, never zero, and an explicit zero stays one', () => {
  expect(readReport({ segments: [segment] })).toMatchObject({
    attempts: undefined,
    overheadMs: undefined,
    segments: [{ gapMs: undefined, outputTokens: 2 }],
  });
  expect(readReport({ overhead_ms: 0, segments: [{ ...segment, gap_ms: 0 }] })).toMatchObject({ overheadMs: 0, segments: [{ gapMs: 0 }] });
});

test('text with no tokens counted has an unknown number of tokens', () => {
  expect(readReport({ segments: [{ ...segment, output_tokens: 0 }] })?.segments[0]?.outputTokens).toBeUndefined();
  expect(readReport({ segments: [{ ...segment, output_tokens: 0, characters: 0 }] })?.segments[0]?.outputTokens).toBe(0);
});

test('a segment that says not where it ran makes the whole report untold', () => {
  expect(readReport({ segments: [segment, { ...segment, endpoint: undefined }] })).toBeUndefined();
  expect(readReport({ segments: [{ ...segment, characters: -1 }] })).toBeUndefined();
  expect(readReport(undefined)).toBeUndefined();
});

test('silicon without evidence is unknown', () => {
  expect(readReport({ segments: [{ ...segment, evidence: undefined }] })?.segments[0]?.evidence).toBe('unknown');
  expect(readProvenanceHeaders(new Headers({ 'x-second-source-endpoint': 'engine-1' }))).toEqual({
    endpoint: 'engine-1',
    vendor: 'unknown',
    silicon: 'unknown',
    evidence: 'unknown',
  });
  expect(readProvenanceHeaders(new Headers())).toBeUndefined();
});
