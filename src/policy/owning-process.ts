/**
 * Which of several processes keeps what belongs to a name: the same in each of them, and evenly spread. FNV-1a with 32
 * bits, by its published constants, and a last mixing (the finaliser of MurmurHash3), since its low bits alone are weak.
 */
export function owningProcess(name: string, processes: number): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < name.length; index += 1) {
    const unit = name.charCodeAt(index);
    value = Math.imul(value ^ (unit & 0xff), 0x01000193);
    value = Math.imul(value ^ (unit >>> 8), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return ((value ^ (value >>> 16)) >>> 0) % processes;
}

/** Draws names until one belongs to a certain process: on average as many as there are processes. */
export function ownedNames(draw: () => string, index: number, processes: number): () => string {
  if (processes === 1) return draw;
  return () => {
    for (;;) {
      const name = draw();
      if (owningProcess(name, processes) === index) return name;
    }
  };
}
