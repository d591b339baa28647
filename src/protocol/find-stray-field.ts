import type { Fault } from '../std/error-catalogue.ts';
import type { JsonObject } from './read-json-object.ts';
import { refusedField } from './request-fault.ts';

/** Members whose values must be judged before an engine sees them, whatever the route (security requirement S17). */
const JUDGED: readonly string[] = [
  'allowed_token_ids',
  'best_of',
  'frequency_penalty',
  'functions',
  'guided_json',
  'logit_bias',
  'logprobs',
  'max_completion_tokens',
  'max_tokens',
  'min_p',
  'min_tokens',
  'n',
  'presence_penalty',
  'repetition_penalty',
  'response_format',
  'stop',
  'stop_token_ids',
  'structured_outputs',
  'temperature',
  'tools',
  'top_k',
  'top_logprobs',
  'top_p',
  'truncate_prompt_tokens',
];

/**
 * A member that other routes judge and this one does not know: to an endpoint that passes unknown fields on it would go
 * with any value at all.
 */
export function findStrayField(body: JsonObject, judgedHere: Readonly<Record<string, unknown>>): Fault | undefined {
  const stray = JUDGED.find((name) => !Object.hasOwn(judgedHere, name) && Object.hasOwn(body, name) && body[name] !== null);
  return stray === undefined ? undefined : refusedField([stray]);
}
