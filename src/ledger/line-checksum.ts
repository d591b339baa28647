// CRC-32 as zlib computes it, byte by byte from JavaScript: a call out of it costs more than a line's worth of this.
// What is worked with here is the register, which begins as all ones and whose complement is the checksum.

const polynomial = 0xedb88320;
export const emptyRegister = -1;

/** Eight tables: what a byte leaves in the register once so many bytes of zeros have followed it. */
const tables = new Int32Array(8 * 256);
for (let byte = 0; byte < 256; byte += 1) {
  let register = byte;
  for (let bit = 0; bit < 8; bit += 1) register = register & 1 ? polynomial ^ (register >>> 1) : register >>> 1;
  tables[byte] = register;
}
for (let index = 256; index < tables.length; index += 1) {
  const before = tables[index - 256] ?? 0;
  tables[index] = (before >>> 8) ^ (tables[before & 0xff] ?? 0);
}

/** The register after these bytes. */
export function registerAfter(register: number, bytes: Uint8Array, start: number, end: number): number {
  let now = register;
  let at = start;
  for (const last = end - 8; at <= last; at += 8) {
    now ^= (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
    now =
      (tables[0x700 + (now & 0xff)] ?? 0) ^
      (tables[0x600 + ((now >>> 8) & 0xff)] ?? 0) ^
      (tables[0x500 + ((now >>> 16) & 0xff)] ?? 0) ^
      (tables[0x400 + (now >>> 24)] ?? 0) ^
      (tables[0x300 + (bytes[at + 4] ?? 0)] ?? 0) ^
      (tables[0x200 + (bytes[at + 5] ?? 0)] ?? 0) ^
      (tables[0x100 + (bytes[at + 6] ?? 0)] ?? 0) ^
      (tables[bytes[at + 7] ?? 0] ?? 0);
  }
  for (; at < end; at += 1) now = (tables[(now ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (now >>> 8);
  return now;
}

export function checksumOf(register: number): number {
  return ~register >>> 0;
}

/** Bytes that many lines end with, so that each need not go through them again. */
export interface LineEnd {
  readonly bytes: Uint8Array;
  /** What they leave in a register of zeros. */
  readonly register: number;
  /** What each nibble of a register becomes by as many zeros as there are bytes. */
  readonly shifts: Int32Array;
}

const shiftsByLength = new Map<number, Int32Array>();
const mostLengths = 1024;

export function lineEnd(bytes: Uint8Array): LineEnd {
  return { bytes, register: registerAfter(0, bytes, 0, bytes.length), shifts: shiftsOf(bytes.length) };
}

function shiftsOf(length: number): Int32Array {
  const known = shiftsByLength.get(length);
  if (known !== undefined) return known;
  const zeros = new Uint8Array(length);
  // It is linear: what a nibble becomes is what its bits become, put together.
  const bits = Array.from({ length: 32 }, (_, bit) => registerAfter(1 << bit, zeros, 0, length));
  const shifts = new Int32Array(8 * 16);
  for (let index = 0; index < shifts.length; index += 1) {
    const nibble = index & 0xf;
    for (let bit = 0; bit < 4; bit += 1) if (nibble & (1 << bit)) shifts[index] = (shifts[index] ?? 0) ^ (bits[(index >>> 4) * 4 + bit] ?? 0);
  }
  if (shiftsByLength.size >= mostLengths) shiftsByLength.clear();
  shiftsByLength.set(length, shifts);
  return shifts;
}

/** The register after all bytes of an end. */
export function registerAfterEnd(register: number, { register: own, shifts }: LineEnd): number {
  return (
    own ^
    (shifts[register & 0xf] ?? 0) ^
    (shifts[0x10 | ((register >>> 4) & 0xf)] ?? 0) ^
    (shifts[0x20 | ((register >>> 8) & 0xf)] ?? 0) ^
    (shifts[0x30 | ((register >>> 12) & 0xf)] ?? 0) ^
    (shifts[0x40 | ((register >>> 16) & 0xf)] ?? 0) ^
    (shifts[0x50 | ((register >>> 20) & 0xf)] ?? 0) ^
    (shifts[0x60 | ((register >>> 24) & 0xf)] ?? 0) ^
    (shifts[0x70 | (register >>> 28)] ?? 0)
  );
}
