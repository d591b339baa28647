import { expect, test } from 'vitest';
import { buildPrefillBody, type PrefillBody } from './build-prefill-body.ts';
import { parseChatRequest } from './parse-chat-request.ts';
import { plainProfile } from './profiles/profile.ts';

function bodyFor(text: string, given: Partial<PrefillBody> = {}): string {
  const parsed = parseChatRequest(new TextEncoder().encode(text));
  if (!parsed.ok) throw new Error('the request of this test is wrong');
  const { bytes, scanned } = parsed.value;
  const fitting = { profile: plainProfile, extensions: [], carriesHints: false, tenantMark: undefined };
  const defaults = { upstreamModel: 'up', form: 'continue-final-message', releasedText: 'Once "upon', maxTokens: 7 } as const;
  return new TextDecoder().decode(buildPrefillBody({ bytes, scanned, fitting, ...defaults, ...given }));
}

const asked =
  '{"model":"m","messages":[ {"role":"user","content":"\\u0041"} ],"seed":12345678901234567890,"max_tokens":9,"provider":{"only":["x"]},"stream":true}';

test('only the released text is appended, the limit reduced, and every other byte kept', () => {
  expect(bodyFor(asked)).toBe(
    '{"model":"up","messages":[ {"role":"user","content":"\\u0041"},{"role":"assistant","content":"Once \\"upon"}],"seed":12345678901234567890,"max_tokens":7,"stream":true,"stream_options":{"include_usage":true},"continue_final_message":true,"add_generation_prompt":false}',
  );
});

test('an endpoint that continues a trailing assistant message by itself is told nothing more', () => {
  expect(bodyFor(asked, { form: 'trailing-assistant' })).not.toContain('continue_final_message');
  expect(bodyFor(asked, { form: 'prefix-flag' })).toContain('{"role":"assistant","content":"Once \\"upon","prefix":true}');
});

test('a limit that the client did not set is not made up', () => {
  expect(bodyFor('{"model":"m","messages":[{"role":"user","content":"x"}]}')).not.toContain('max_tokens');
});
