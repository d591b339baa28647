import type { RelayRequest } from './relay-request.ts';

export type Sized = Pick<RelayRequest, 'estimatedInputTokens' | 'maxTokens' | 'choices'>;

/** What an answer is taken to need where the request does not bound it. */
const unsaidOutputTokens = 1024;

/** What a request reserves of a key's limit of tokens until its usage is told: its prompt, and all that it may answer. */
export function reservedTokens({ estimatedInputTokens, maxTokens, choices }: Sized): number {
  return Math.ceil(estimatedInputTokens + (maxTokens ?? unsaidOutputTokens) * choices);
}
