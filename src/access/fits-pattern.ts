/** Whether a name is the pattern's, whose `*` at the end, and only there, stands for any rest. */
export function fitsPattern(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
