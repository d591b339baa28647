import type { CliIo, CliStream } from './cli-io.ts';

const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;

/** Colours text where a person looks at a terminal and did not decline (https://no-color.org). */
export function paint(io: Pick<CliIo, 'env'>, stream: CliStream, colour: keyof typeof codes, text: string): string {
  const declined = (io.env['NO_COLOR'] ?? '') !== '' || io.env['TERM'] === 'dumb';
  return stream.isTTY === true && !declined ? `\x1b[${codes[colour]}m${text}\x1b[0m` : text;
}
