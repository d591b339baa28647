/**
 * What attention adds for each token that stands before one, over what the token itself takes: 4 · layers · width over
 * 2 · parameters is 3.3e-5 for a dense model of 8 B parameters and 1.9e-5 for one of 70 B. It matters from 10,000 tokens on.
 */
const perTokenBefore = 2.5e-5;

/** The work of a prompt of which so much is cached, in tokens of a short one; at least 1, since the last token is always computed. */
export function promptWork(promptTokens: number, cachedTokens: number): number {
  const fresh = Math.max(1, promptTokens - cachedTokens);
  return fresh * (1 + perTokenBefore * (promptTokens - fresh / 2));
}
