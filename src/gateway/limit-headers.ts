import type { AskedApi } from '../upstream/relay-request.ts';
import type { RateStanding } from '../budget/rate-meter.ts';
import type { Standing } from '../budget/reservation.ts';

const minuteMs = 60_000;

/** How a payer's limits a minute stand, in the headers of the API that was asked. */
export function limitHeaders(standing: Standing | undefined, api: AskedApi, wallMs: number): Readonly<Record<string, string>> {
  if (standing === undefined) return {};
  const write = api === 'messages' ? anthropicHeaders : openAiHeaders;
  const headers: Record<string, string> = {};
  if (standing.requests !== undefined) write(headers, 'requests', standing.requests, wallMs);
  if (standing.tokens !== undefined) write(headers, 'tokens', standing.tokens, wallMs);
  return headers;
}

/** https://platform.openai.com/docs/guides/rate-limits, "Rate limits in headers". */
function openAiHeaders(headers: Record<string, string>, of: 'requests' | 'tokens', { limit, remaining, resetMs }: RateStanding): void {
  headers[`x-ratelimit-limit-${of}`] = String(limit);
  headers[`x-ratelimit-remaining-${of}`] = String(remaining);
  headers[`x-ratelimit-reset-${of}`] = durationText(resetMs);
}

/** https://docs.anthropic.com/en/api/rate-limits, "Response headers": a moment where OpenAI says a duration. */
function anthropicHeaders(
  headers: Record<string, string>,
  of: 'requests' | 'tokens',
  { limit, remaining, resetMs }: RateStanding,
  wallMs: number,
): void {
  headers[`anthropic-ratelimit-${of}-limit`] = String(limit);
  headers[`anthropic-ratelimit-${of}-remaining`] = String(remaining);
  headers[`anthropic-ratelimit-${of}-reset`] = `${new Date(Math.ceil((wallMs + resetMs) / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

/** `1m0.5s`, `20s`, `120ms`: as OpenAI writes durations. */
export function durationText(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole < 1000) return `${whole}ms`;
  const minutes = Math.floor(whole / minuteMs);
  return `${minutes === 0 ? '' : `${minutes}m`}${(whole % minuteMs) / 1000}s`;
}
