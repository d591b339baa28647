const charactersRead = 4000;

/**
 * Makes an upstream's words fit to pass on: no stack, URL, host, address, path or anything that looks like a key, one line,
 * at most 300 characters. What remains is enough to correct a request and tells nothing of who is behind it.
 */
export function scrubMessage(message: string): string {
  return beginningOf(message)
    .replace(/\bTraceback\b[\s\S]*|\n[ \t]+at [\s\S]*/, '[stack]')
    .replace(/\bhttps?:\/\/\S+/gi, '[url]')
    .replace(/\b(sk|gsk|csk|key|ss|xai|nvapi)[-_][A-Za-z0-9_-]{6,}\b/gi, '[key]')
    .replace(/\bBearer\s+\S+/gi, '[key]')
    .replace(/\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b/g, '[address]')
    .replace(/(?<![a-z0-9.-])[a-z0-9-]+(\.[a-z0-9-]+)*\.(com|net|org|ai|io|dev|cloud|local|internal|svc)(:\d+)?\b/gi, '[host]')
    .replace(/(^|[\s'"(])\/[\w.-]+(\/[\w.-]+)+/g, '$1[path]')
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .slice(0, 300);
}

/** An endpoint may say a megabyte: what cannot be shown need not be read. Cut between words, lest half a key be none. */
function beginningOf(message: string): string {
  if (message.length <= charactersRead) return message;
  const cut = message.slice(0, charactersRead);
  return cut.slice(0, Math.max(cut.lastIndexOf(' '), cut.lastIndexOf('\n'), 0));
}
