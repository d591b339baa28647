/** A moment as people and programs read it, to the second. */
export function formatWhen(wallMs: number | null): string {
  return wallMs === null ? '–' : new Date(wallMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
