import type { EndReason } from './generation.ts';
import type { Release } from './token-release.ts';

export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
}

/** What every answer says about itself. */
export interface AnswerMeta {
  readonly id: string;
  readonly created: number;
  readonly model: string;
  readonly promptTokenIds: readonly number[];
  readonly returnTokenIds: boolean;
  readonly logprobs: boolean;
  readonly seed: number;
}

/** How one API route writes an answer: in pieces for a stream, or whole. Pieces are complete `data:` events. */
export interface AnswerShape {
  readonly contentType?: string;
  readonly opening: () => string;
  readonly piece: (release: Release) => string;
  readonly closing: (release: Release, reason: EndReason) => string;
  readonly usage: (usage: Usage) => string;
  /** The body of an answer that was not streamed. */
  readonly whole: (releases: readonly Release[], reason: EndReason, usage: Usage) => string;
}

export function usageJson(usage: Usage): string {
  const total = usage.promptTokens + usage.completionTokens;
  return (
    `{"prompt_tokens":${usage.promptTokens},"total_tokens":${total},"completion_tokens":${usage.completionTokens},` +
    `"prompt_tokens_details":{"cached_tokens":${usage.cachedTokens}}}`
  );
}

export function idsOf(release: Release): string {
  const { tokens } = release;
  if (tokens.length === 1) return `[${tokens[0]?.id ?? ''}]`;
  return `[${tokens.map((token) => token.id).join(',')}]`;
}

/** All releases of an answer as one. */
export function mergedRelease(releases: readonly Release[]): Release {
  return { text: releases.map(({ text }) => text).join(''), tokens: releases.flatMap(({ tokens }) => tokens) };
}
