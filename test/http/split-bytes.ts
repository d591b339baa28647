import { seededRandom } from '../../src/std/random.ts';

/** Longer messages are cut at fewer places: byte by byte they would take a test's whole time. */
const longestBytewise = 700;
const mostPieces = 40;

/** The ways in which a network may deliver some bytes: at once, byte by byte, line by line, and at places drawn by a seed. */
export function splitBytes(text: string, seed: number): readonly (readonly Buffer[])[] {
  const bytes = Buffer.from(text, 'latin1');
  const ways: Buffer[][] = [[bytes]];
  if (bytes.length <= longestBytewise) ways.push(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)));
  // A line to a packet, as a person at a terminal or a careful attacker sends it.
  ways.push(lines(bytes));
  for (let way = 0; way < 3; way += 1) ways.push(splitAtRandom(bytes, seededRandom(seed + way)));
  return ways;
}

function lines(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\n', at) + 1 || bytes.length;
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

function splitAtRandom(bytes: Buffer, random: () => number): Buffer[] {
  const longest = Math.max(2, Math.ceil((2 * bytes.length) / (1 + random() * mostPieces)));
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + Math.floor(random() * longest);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
