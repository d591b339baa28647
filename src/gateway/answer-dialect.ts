import type { Fault } from '../std/error-catalogue.ts';
import type { Result } from '../std/result.ts';
import type { StreamTranslation } from '../protocol/stream-translation.ts';

/** How answers are told to clients of an API other than chat completions, whose requests were translated on the way in. */
export interface AnswerDialect {
  /** Headers that its clients look for, on every answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly errorBody: (fault: Fault) => string;
  readonly stream: () => StreamTranslation;
  readonly whole: (body: Uint8Array) => Result<string, Fault>;
}
