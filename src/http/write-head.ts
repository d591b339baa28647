import { STATUS_CODES } from 'node:http';

/** What no header value may contain: it would end the line, or be read differently by others (RFC 9110 §5.5). */
const unsafeValue = /[^\t\x20-\x7e\x80-\xff]/;

/** Headers as whole lines, each with its CRLF. What many answers have in common is made and checked once. */
export function headerLines(headers: Readonly<Record<string, string>>): string {
  let lines = '';
  for (const name in headers) {
    const value = headers[name] ?? '';
    if (unsafeValue.test(value)) throw new TypeError(`the header ${name} would contain a control character`);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

/** A response's head as Latin-1 text, with its blank line. `lines` are whole lines, each with its CRLF. */
export function writeHead(status: number, headers: Readonly<Record<string, string>>, lines: string): string {
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${headerLines(headers)}${lines}\r\n`;
}

let dateLine = '';
let dateSecond = -1;

/** The Date header's line (RFC 9110 §6.6.1), made once a second. */
export function dateHeaderLine(wallMs: number): string {
  const second = Math.floor(wallMs / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateLine = `date: ${new Date(wallMs).toUTCString()}\r\n`;
  }
  return dateLine;
}
