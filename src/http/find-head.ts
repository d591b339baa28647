import type { HeadFault } from './field-lines.ts';
import { failure, success, type Result } from '../std/result.ts';

const blankLine = Buffer.from('\r\n\r\n');

/** A head's text and where the bytes after it begin. */
export interface FoundHead {
  readonly text: string;
  readonly next: number;
}

/** Finds the head at the start of some bytes; undefined while its blank line has not come. */
export function findHead(bytes: Buffer, limitBytes: number): Result<FoundHead | undefined, HeadFault> {
  const end = bytes.indexOf(blankLine);
  if (end > limitBytes || (end < 0 && bytes.length > limitBytes))
    return failure({ kind: 'too-large', what: `a head of more than ${limitBytes} bytes` });
  return success(end < 0 ? undefined : { text: bytes.toString('latin1', 0, end), next: end + blankLine.length });
}
