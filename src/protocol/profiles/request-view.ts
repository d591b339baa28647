import type { ScannedJson } from '../scan-json.ts';

const decoder = new TextDecoder();

/** A request's members by name, each parsed only when somebody asks for it: most requests are never asked. */
export class RequestView {
  readonly #bytes: Uint8Array;
  readonly #scanned: ScannedJson;
  readonly #read = new Map<string, unknown>();

  constructor(bytes: Uint8Array, scanned: ScannedJson) {
    this.#bytes = bytes;
    this.#scanned = scanned;
  }

  names(): Iterable<string> {
    return this.#scanned.members.keys();
  }

  value(name: string): unknown {
    if (this.#read.has(name)) return this.#read.get(name);
    const span = this.#scanned.members.get(name);
    const value: unknown = span === undefined ? undefined : JSON.parse(decoder.decode(this.#bytes.subarray(span.valueStart, span.valueEnd)));
    this.#read.set(name, value);
    return value;
  }

  /** All values at a path such as `messages[].content[].type`; none where a step is not there or of another kind. */
  valuesAt(path: string): readonly unknown[] {
    const [first = '', ...rest] = path.split('.');
    const start = this.value(first.replace('[]', ''));
    let found: readonly unknown[] = first.endsWith('[]') ? items(start) : [start];
    for (const step of rest) {
      const name = step.replace('[]', '');
      const inner = found.map((value) => memberOf(value, name));
      found = step.endsWith('[]') ? inner.flatMap(items) : inner;
    }
    return found.filter((value) => value !== undefined);
  }
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const found = Object.entries(value).find(([key]) => key === name);
  return found?.[1];
}
