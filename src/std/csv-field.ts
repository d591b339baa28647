/** A spreadsheet takes a text that begins so for a formula and runs it (OWASP, "CSV Injection"). */
const formula = /^[=+\-@\t\r\n＝＋－＠]/;
const needsQuotes = /[",\r\n]/;

/** A text as a field (RFC 4180 §2), which no spreadsheet runs: an apostrophe stands before what could be a formula. */
export function csvField(text: string): string {
  const harmless = formula.test(text) ? `'${text}` : text;
  return needsQuotes.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
