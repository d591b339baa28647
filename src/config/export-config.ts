import { parseDocument, stringify } from 'yaml';
import { overlaid, type OverlayEntry, type OverlayMisfit } from './overlay-entries.ts';
import { parseConfigFile } from './parse-config-file.ts';
import { success, type Result } from '../std/result.ts';

/** The file with the overlay written into it: its comments and its order stay. */
export function exportConfig(text: string, entries: readonly OverlayEntry[]): Result<string, OverlayMisfit> {
  const parsed = parseConfigFile('', text);
  const laid = overlaid(parsed.ok ? parsed.value.value : undefined, entries);
  if (!laid.ok) return laid;
  const document = parseDocument(text, { version: '1.2', logLevel: 'silent' });
  if (!parsed.ok || parsed.value.value === undefined) return success(stringify(laid.value.value));
  for (const { path, value } of laid.value.edits) {
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, document.createNode(value));
  }
  return success(document.toString({ lineWidth: 0 }));
}
