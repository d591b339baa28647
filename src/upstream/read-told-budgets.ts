import { headerText, type ResponseHeaders } from './response-headers.ts';
import { readReset } from './retry-after-ms.ts';
import type { ToldBudget } from '../policy/key-room.ts';

/**
 * What an endpoint tells of the budgets of the key that it was sent. OpenAI, Groq, Cerebras and others tell
 * `x-ratelimit-remaining-KIND` and `x-ratelimit-reset-KIND`, where Groq's requests count per day and Cerebras names the
 * period besides; Anthropic tells `anthropic-ratelimit-KIND-remaining` and `-reset`, the latter as a time of day. A
 * budget without a reset is left out: nobody could say when it is over. So is one of less than nothing, or of a limit
 * of nothing: it came with an answer, so it must mean that there is no limit.
 */
export function readToldBudgets(headers: ResponseHeaders): readonly ToldBudget[] {
  let told: Map<ToldBudget['of'], ToldBudget> | undefined;
  for (const name in headers) {
    const budget = name.startsWith('x-ratelimit-remaining')
      ? ofOthers(name, headers)
      : name.startsWith('anthropic-ratelimit-')
        ? ofAnthropic(name, headers)
        : undefined;
    if (budget === undefined) continue;
    told ??= new Map();
    const known = told.get(budget.of);
    // Of several budgets of one kind the tightest holds; of those that are used up, the one that is so for longest.
    if (known === undefined || isTighter(budget, known)) told.set(budget.of, budget);
  }
  return told === undefined ? [] : [...told.values()];
}

function isTighter(one: ToldBudget, other: ToldBudget): boolean {
  if (one.remaining <= 0 && other.remaining <= 0) return one.resetInMs > other.resetInMs;
  return one.remaining < other.remaining;
}

function ofOthers(name: string, headers: ResponseHeaders): ToldBudget | undefined {
  const suffix = name.slice('x-ratelimit-remaining'.length);
  if (headerText(headers, `x-ratelimit-limit${suffix}`)?.trim() === '0') return undefined;
  if (suffix !== '' && !/^-(requests|tokens)(-(second|minute|hour|day))?$/.test(suffix)) return undefined;
  return budgetOf(
    suffix.startsWith('-tokens') ? 'tokens' : 'requests',
    headerText(headers, name),
    headerText(headers, `x-ratelimit-reset${suffix}`),
    headers,
  );
}

function ofAnthropic(name: string, headers: ResponseHeaders): ToldBudget | undefined {
  const [, kind] = /^anthropic-ratelimit-(requests|tokens|input-tokens|output-tokens)-remaining$/.exec(name) ?? [];
  if (kind === undefined) return undefined;
  return budgetOf(
    kind === 'requests' ? 'requests' : 'tokens',
    headerText(headers, name),
    headerText(headers, `anthropic-ratelimit-${kind}-reset`),
    headers,
  );
}

function budgetOf(of: ToldBudget['of'], remaining: string | undefined, reset: string | undefined, headers: ResponseHeaders): ToldBudget | undefined {
  if (remaining === undefined || reset === undefined || !/^\s*\d{1,15}(\.\d+)?\s*$/.test(remaining)) return undefined;
  const resetInMs = readReset(reset, headers);
  return resetInMs === undefined ? undefined : { of, remaining: Math.floor(Number(remaining)), resetInMs: Math.ceil(resetInMs) };
}
