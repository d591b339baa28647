import { fitRequest, type Fitting } from './profiles/fit-request.ts';
import { ownMembers } from './build-upstream-body.ts';
import { jsonItems } from './json-items.ts';
import { spliceMembers } from './splice-json.ts';
import type { ScannedJson } from './scan-json.ts';

/** How an endpoint is told that the last message is to be continued rather than answered. */
export type PrefillForm = 'continue-final-message' | 'trailing-assistant' | 'prefix-flag';

export interface PrefillBody {
  readonly bytes: Uint8Array;
  readonly scanned: ScannedJson;
  readonly upstreamModel: string;
  readonly form: PrefillForm;
  /** The text of the answer released so far, and nothing else: no instruction and no prompt of our own. */
  readonly releasedText: string;
  /** How many tokens the answer may still have; undefined where the client set no limit. */
  readonly maxTokens: number | undefined;
  /** How the endpoint differs from the published API. */
  readonly fitting: Fitting;
}

/**
 * The client's own request with the released text as the beginning of the assistant's answer (DESIGN §4.4): its bytes
 * as they came, one message appended, and the limit reduced by what was released.
 */
export function buildPrefillBody(input: PrefillBody): Uint8Array {
  const { bytes, scanned } = input;
  const edits = new Map<string, string | undefined>([
    ['model', JSON.stringify(input.upstreamModel)],
    ['messages', withReleasedText(bytes, scanned, input.releasedText, input.form)],
    ['stream', 'true'],
    ['stream_options', '{"include_usage":true}'],
  ]);
  if (input.form === 'continue-final-message') {
    edits.set('continue_final_message', 'true');
    edits.set('add_generation_prompt', 'false');
  }
  for (const name of [...ownMembers, 'return_token_ids']) if (scanned.members.has(name)) edits.set(name, undefined);
  for (const name of ['max_tokens', 'max_completion_tokens'])
    if (scanned.members.has(name) && input.maxTokens !== undefined) edits.set(name, String(input.maxTokens));
  fitRequest(edits, bytes, scanned, input.fitting);
  return spliceMembers(bytes, scanned, edits);
}

function withReleasedText(bytes: Uint8Array, scanned: ScannedJson, releasedText: string, form: PrefillForm): string {
  const span = scanned.members.get('messages');
  const messages = span === undefined ? new Uint8Array(0) : bytes.subarray(span.valueStart, span.valueEnd);
  const last = jsonItems(messages).at(-1);
  const given = last === undefined ? '' : `${new TextDecoder().decode(messages.subarray(1, last.end))},`;
  return `[${given}${JSON.stringify({ role: 'assistant', content: releasedText, ...(form === 'prefix-flag' ? { prefix: true } : {}) })}]`;
}
