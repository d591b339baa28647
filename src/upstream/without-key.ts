import type { AttemptFailure } from '../policy/attempt-failure.ts';

/** Shorter ones are parts of common words, and no vendor gives such. */
const leastCharacters = 8;

/** The failure without the key that its attempt was sent with, which an endpoint may quote in any field (security requirement S5). */
export function withoutKey(failure: AttemptFailure, key: string | undefined): AttemptFailure {
  if (key === undefined || key.length < leastCharacters) return failure;
  const { fault, what } = failure;
  return {
    ...failure,
    what: clean(what, key),
    fault: {
      ...fault,
      ...(fault.detail === undefined ? {} : { detail: clean(fault.detail, key) }),
      ...(fault.param === undefined ? {} : { param: clean(fault.param, key) }),
    },
  };
}

/** The words were cut at a length, so that a key at their end may be there by half. */
function clean(text: string, key: string): string {
  const whole = text.replaceAll(key, '[key]');
  for (let length = Math.min(key.length, whole.length); length >= leastCharacters / 2; length -= 1)
    if (whole.endsWith(key.slice(0, length))) return `${whole.slice(0, -length)}[key]`;
  return whole;
}
