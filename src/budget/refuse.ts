import { toUsd } from './nano-usd.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { Level } from './limits.ts';
import type { RateMeter } from './rate-meter.ts';
import type { SpendMeter } from './spend-meter.ts';

/** A running request ends within seconds as a rule: sooner would be refused again, later would wait for nothing. */
const runningEndsMs = 2000;
const gateOpensMs = 1000;

const owner: Readonly<Record<Level, string>> = { key: 'This key', team: 'The team of this key', whole: 'This gateway' };
const ownersOwn: Readonly<Record<Level, string>> = { key: 'this key’s', team: 'the team’s', whole: 'this gateway’s' };

/** What is left of a budget does not cover what the request may cost, even if nothing else were running. */
export function budgetSpent(meter: SpendMeter, amount: number, wallMs: number): Fault {
  const { level, of, period } = meter.kind;
  const left = Math.max(0, meter.most - meter.spent(wallMs));
  // What a team or the whole gateway spends is none of a single key's business.
  const figures = level === 'key' ? ` ${amountOf(of, left)} of ${amountOf(of, meter.most)} are left, and it may use ${amountOf(of, amount)}.` : '';
  const again = `A new ${period} begins at ${new Date(meter.window(wallMs).endMs).toISOString()}.`;
  return {
    code: 'insufficient_quota',
    detail: `What is left of ${ownersOwn[level]} budget of ${unitOf(of)} for this ${period} does not cover what the request may use at most.${figures} ${again}`,
  };
}

/** It would be covered if no other request were running. */
export function budgetReserved({ kind }: SpendMeter): Fault {
  const detail = `What is left of ${ownersOwn[kind.level]} budget of ${unitOf(kind.of)} for this ${kind.period} is reserved by requests that are running.`;
  return { code: 'budget_reserved', detail, retryAfterMs: runningEndsMs };
}

export function rateExceeded(meter: RateMeter, amount: number, nowMs: number): Fault {
  const { level, of } = meter.kind;
  const limit = `${owner[level]} may use ${meter.most} ${of} a minute`;
  if (amount > meter.most) {
    return { code: 'rate_limit_exceeded', detail: `${limit}, and the request alone is taken to need ${amount}: lower max_tokens.`, lasting: true };
  }
  return { code: 'rate_limit_exceeded', detail: `${limit}, and has used them.`, retryAfterMs: meter.roomInMs(amount, nowMs) };
}

export function tooManyAtOnce(level: Level, most: number): Fault {
  return { code: 'concurrency_limit_exceeded', detail: `${owner[level]} may run ${most} requests at once, and does.`, retryAfterMs: gateOpensMs };
}

function unitOf(of: SpendMeter['kind']['of']): string {
  return of === 'usd' ? 'US dollars' : 'tokens';
}

function amountOf(of: SpendMeter['kind']['of'], amount: number): string {
  return of === 'usd' ? `${toUsd(amount)} USD` : `${amount} tokens`;
}
