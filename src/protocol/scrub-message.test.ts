import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scrubMessage } from './scrub-message.ts';

test.each([
  ['Incorrect API key provided: sk-abcDEF123456.', 'sk-abcDEF123456'],
  ['POST https://internal.vendor.net:8443/v1/chat failed', 'internal.vendor.net'],
  ['connect to 10.12.0.7:9000 refused', '10.12.0.7'],
  ['upstream gpu-17.cluster.local said no', 'gpu-17.cluster.local'],
  ['cannot open /srv/models/secret/model.safetensors', '/srv/models'],
  ['Authorization was Bearer abcdefghijk', 'abcdefghijk'],
])('%s loses what tells who is behind it', (message, secret) => {
  expect(scrubMessage(message)).not.toContain(secret);
});

test('what helps to correct a request stays', () => {
  expect(scrubMessage('max_tokens must be at least 1, got -5.')).toBe('max_tokens must be at least 1, got -5.');
});

test('whatever comes, the result is one short line', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2000 }), (message) => {
      const scrubbed = scrubMessage(message);
      expect(scrubbed.length).toBeLessThanOrEqual(300);
      expect(scrubbed).not.toMatch(/[\r\n\0]/);
    }),
  );
});
