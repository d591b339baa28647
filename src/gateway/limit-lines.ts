import type { AskedApi } from '../upstream/relay-request.ts';
import type { RateStanding } from '../budget/rate-meter.ts';
import type { Standing } from '../budget/reservation.ts';

const minuteMs = 60_000;

/** How a payer's limits a minute stand, in header lines of the API that was asked. */
export function limitLines(standing: Standing | undefined, api: AskedApi, wallMs: number): string {
  if (standing === undefined) return '';
  const write = api === 'messages' ? anthropicLines : openAiLines;
  const requests = standing.requests === undefined ? '' : write('requests', standing.requests, wallMs);
  return standing.tokens === undefined ? requests : requests + write('tokens', standing.tokens, wallMs);
}

/** https://platform.openai.com/docs/guides/rate-limits, "Rate limits in headers". */
function openAiLines(of: 'requests' | 'tokens', { limit, remaining, resetMs }: RateStanding): string {
  return `x-ratelimit-limit-${of}: ${limit}\r\nx-ratelimit-remaining-${of}: ${remaining}\r\nx-ratelimit-reset-${of}: ${durationText(resetMs)}\r\n`;
}

/** https://docs.anthropic.com/en/api/rate-limits, "Response headers": a moment where OpenAI says a duration. */
function anthropicLines(of: 'requests' | 'tokens', { limit, remaining, resetMs }: RateStanding, wallMs: number): string {
  const reset = `${new Date(Math.ceil((wallMs + resetMs) / 1000) * 1000).toISOString().slice(0, 19)}Z`;
  const name = `anthropic-ratelimit-${of}`;
  return `${name}-limit: ${limit}\r\n${name}-remaining: ${remaining}\r\n${name}-reset: ${reset}\r\n`;
}

/** `1m0.5s`, `20s`, `120ms`: as OpenAI writes durations. */
export function durationText(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole < 1000) return `${whole}ms`;
  const minutes = Math.floor(whole / minuteMs);
  return `${minutes === 0 ? '' : `${minutes}m`}${(whole % minuteMs) / 1000}s`;
}
