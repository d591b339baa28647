import { atMostNanoUsd } from './nano-usd.ts';
import type { Need } from './reservation.ts';
import type { Price } from '../fleet/deployment.ts';

/** How large a request may become. */
export interface Size {
  readonly bodyBytes: number;
  readonly textCharacters: number;
  /** Images, sounds and files, whose tokens nobody can tell from their bytes. */
  readonly mediaParts: number;
  readonly mostOutputTokens: number;
  /** A likely count, for limits a minute. */
  readonly rateTokens: number;
}

/** A character of UTF-16 is at most so many bytes of UTF-8. */
const bytesPerCharacter = 3;

/**
 * The most that a prompt can be: no tokenizer makes more tokens of a text than it has bytes, and what a template adds to a
 * message is less than its JSON. Media that lie in the body are told apart from text by the characters of the latter.
 */
export function mostInputTokens(
  { bodyBytes, textCharacters, mediaParts }: Omit<Size, 'mostOutputTokens' | 'rateTokens'>,
  tokensPerMedia: number,
): number {
  if (mediaParts === 0) return bodyBytes;
  return Math.min(bodyBytes, bytesPerCharacter * textCharacters) + mediaParts * tokensPerMedia;
}

/** The dearest of several prices, each part by itself, in US dollars per million tokens and per request. */
export interface Dearest {
  readonly inputUsd: number;
  readonly outputUsd: number;
  readonly requestUsd: number;
}

export function dearestOf(prices: readonly Price[]): Dearest {
  let inputUsd = 0;
  let outputUsd = 0;
  let requestUsd = 0;
  for (const price of prices) {
    inputUsd = Math.max(inputUsd, price.inputUsdPerMtok, price.cachedInputUsdPerMtok);
    outputUsd = Math.max(outputUsd, price.outputUsdPerMtok, price.reasoningUsdPerMtok ?? 0);
    requestUsd = Math.max(requestUsd, price.usdPerRequest ?? 0);
  }
  return { inputUsd, outputUsd, requestUsd };
}

/**
 * What a request can be charged at most, whoever answers and whoever goes on: its prompt and its answer each at the
 * dearest price of all that could serve it.
 */
export function worstCase(size: Size, tokensPerMedia: number, { inputUsd, outputUsd, requestUsd }: Dearest): Need {
  const input = mostInputTokens(size, tokensPerMedia);
  const { mostOutputTokens, rateTokens } = size;
  const mostUsd = (input * inputUsd + mostOutputTokens * outputUsd) / 1e6 + requestUsd;
  return { mostTokens: input + mostOutputTokens, mostNanoUsd: atMostNanoUsd(mostUsd), rateTokens };
}
