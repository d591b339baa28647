import { z } from 'zod';
import type { StateFile } from '../state/state-file.ts';

const entrySchema = z.strictObject({
  name: z.string().min(1).max(1024),
  /** Absent where the entry takes a part out. */
  value: z.json().optional(),
  /** Of what stood there in the file when this was changed, so that a later change of the file is seen; null where nothing did. */
  base: z.string().nullable(),
  atWallMs: z.number(),
  by: z.string(),
});

export type StoredEntry = z.infer<typeof entrySchema>;

export const mostEntries = 10_000;

const overlaySchema = z.strictObject({
  format: z.literal(1),
  /** Grows with every change of overlay or file: by it, two who change at once notice each other. */
  version: z.int().min(0),
  entries: z.array(entrySchema).max(mostEntries),
});

export type Overlay = z.infer<typeof overlaySchema>;

/** Reads what the control API changed; throws where the file is none of ours. */
export function readOverlay(file: Pick<StateFile, 'read'>): Overlay {
  const text = file.read();
  return text === undefined ? { format: 1, version: 0, entries: [] } : overlaySchema.parse(JSON.parse(text));
}

export function writeOverlay(file: Pick<StateFile, 'write'>, overlay: Overlay): Promise<void> {
  return file.write(`${JSON.stringify(overlay, null, 2)}\n`);
}
