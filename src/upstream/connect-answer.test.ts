import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectHeadBytes, readConnectAnswer } from './connect-answer.ts';

function read(text: string): string {
  const answer = readConnectAnswer(Buffer.from(text, 'latin1'));
  if (!answer.ok) return 'wrong';
  return answer.value.kind === 'refused' ? String(answer.value.status) : answer.value.kind;
}

test.each([
  ['HTTP/1.1 200 Connection established\r\n\r\n', 'open'],
  ['HTTP/1.0 200\r\n\r\n', 'open'],
  ['HTTP/1.1 299 \r\nvia: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n', 'open'],
  ['HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\nbody', '407'],
  ['', 'more'],
  ['HTT', 'more'],
  ['HTTP/1.1 200 OK\r\nvia: x\r\n', 'more'],
  ['HTTP/1.1 100 Continue\r\n\r\n', 'wrong'],
  ['HTTP/2 200\r\n\r\n', 'wrong'],
  ['HTTP/1.1 200 OK\n\n', 'more'],
  ['HTTP/1.1  200 OK\r\n\r\n', 'wrong'],
  ['HTTP/1.1 2000 OK\r\n\r\n', 'wrong'],
  ['HTTP/1.1 200 OK\r\n folded: x\r\n\r\n', 'wrong'],
  ['HTTP/1.1 200 OK\r\nx: a\u0000b\r\n\r\n', 'wrong'],
  ['HTTP/1.1 200 OK\r\nx: a\nb: c\r\n\r\n', 'wrong'],
  ['HTTP/1.1 200 OK\r\n\r\n\u0016', 'wrong'],
  [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(connectHeadBytes)}\r\n\r\n`, 'wrong'],
  [`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(connectHeadBytes)}`, 'wrong'],
])('%j is %s', (text, expected) => {
  expect(read(text)).toBe(expected);
});

test('no bytes make it throw, what is wrong stays wrong with more of it, and only a whole head opens', () => {
  const piece = fc.constantFrom('HTTP/1.1 ', '200', '407', ' OK', '\r\n', '\r\n\r\n', 'via: x', ': ', '\n', '\u0000', ' ', 'é');
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 12 }), (pieces) => {
      let text = '';
      let isWrong = false;
      for (const more of pieces) {
        text += more;
        const said = read(text);
        if (isWrong) expect(said).toBe('wrong');
        isWrong = said === 'wrong';
        if (said === 'open') expect(text).toMatch(/^HTTP\/1\.[01] 2\d\d[\s\S]*\r\n\r\n$/);
      }
    }),
    { numRuns: 2000 },
  );
});
