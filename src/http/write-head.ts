import { STATUS_CODES } from 'node:http';

/** What no header value may contain: it would end the line, or be read differently by others (RFC 9110 §5.5). */
const unsafeValue = /[^\t\x20-\x7e\x80-\xff]/;

/** A response's head as Latin-1 text, with its blank line. `framing` are whole lines, each with its CRLF. */
export function writeHead(status: number, headers: Readonly<Record<string, string>>, framing: string): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  for (const name in headers) {
    const value = headers[name] ?? '';
    if (unsafeValue.test(value)) throw new TypeError(`the header ${name} would contain a control character`);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}${framing}\r\n`;
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
