import type { Fault } from '../std/error-catalogue.ts';

/** One streamed chat answer in the words of another API: the text to send for each thing that the relay writes. */
export interface StreamTranslation {
  /** The stream's head was sent. */
  readonly begin: () => string;
  /** One event of chat completions, by its data. */
  readonly push: (data: string) => string;
  /** Nothing was said for a while, and the line lives. */
  readonly heartbeat: () => string;
  /** The answer is whole. */
  readonly end: () => string;
  /** The answer was begun and cannot be completed. */
  readonly failed: (fault: Fault) => string;
}
