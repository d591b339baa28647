/**
 * Replaces control characters, save line breaks and tabs: a model or a server could otherwise move the cursor,
 * retitle the window or hide text in the terminal of whoever reads it.
 */
export function printableText(text: string): string {
  return text.replaceAll(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '\ufffd');
}
