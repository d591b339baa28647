/** What a model's text turned out to be, in OpenAI's terms. */
export type ToolCallEvent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'call'; readonly index: number; readonly name: string }
  | { readonly kind: 'arguments'; readonly index: number; readonly text: string };

export const toolCallOpening = '<tool_call>';
const closing = '</tool_call>';
const nameFirst = /^\s*\{\s*"name"\s*:\s*("(?:[^"\\]|\\.)*")\s*,\s*"(?:arguments|parameters)"\s*:\s*/su;

/**
 * Reads Hermes-style calls, `<tool_call>{"name": …, "arguments": …}</tool_call>`, from text that comes in pieces and
 * begins right after the first opening tag. Arguments go out as they come, where the name stands before them.
 */
export class ToolCallParser {
  #state: 'call' | 'arguments' | 'close' | 'between' = 'call';
  #buffer = '';
  #index = 0;
  #json = new JsonEnd();

  push(text: string): ToolCallEvent[] {
    this.#buffer += text;
    const events: ToolCallEvent[] = [];
    while (this.#step(events));
    return events;
  }

  /** The answer is over: what never became a call is text again. */
  end(): ToolCallEvent[] {
    const rest = this.#buffer;
    this.#buffer = '';
    if (this.#state === 'call') {
      const whole = this.#wholeCall(rest);
      return whole ?? (rest.trim() === '' ? [] : [{ kind: 'text', text: toolCallOpening + rest }]);
    }
    if (this.#state === 'between' && rest.trim() !== '') return [{ kind: 'text', text: rest }];
    return [];
  }

  #step(events: ToolCallEvent[]): boolean {
    if (this.#state === 'call') return this.#readCall(events);
    if (this.#state === 'arguments') return this.#readArguments(events);
    if (this.#state === 'close') {
      const at = this.#buffer.indexOf(closing);
      if (at < 0) return false;
      this.#buffer = this.#buffer.slice(at + closing.length);
      this.#state = 'between';
      this.#index += 1;
      return true;
    }
    const at = this.#buffer.indexOf(toolCallOpening);
    if (at < 0) return false;
    this.#buffer = this.#buffer.slice(at + toolCallOpening.length);
    this.#state = 'call';
    return true;
  }

  #readCall(events: ToolCallEvent[]): boolean {
    const match = nameFirst.exec(this.#buffer);
    const name = match?.[1];
    if (match !== null && name !== undefined) {
      // A value must have begun, or the pieces of whitespace before it would count as arguments.
      if (match[0].length === this.#buffer.length) return false;
      events.push({ kind: 'call', index: this.#index, name: textOf(name) });
      this.#buffer = this.#buffer.slice(match[0].length);
      this.#json = new JsonEnd();
      this.#state = 'arguments';
      return true;
    }
    const at = this.#buffer.indexOf(closing);
    if (at < 0) return false;
    const body = this.#buffer.slice(0, at);
    events.push(...(this.#wholeCall(body) ?? [{ kind: 'text', text: toolCallOpening + body + closing } satisfies ToolCallEvent]));
    this.#buffer = this.#buffer.slice(at + closing.length);
    this.#state = 'between';
    return true;
  }

  #readArguments(events: ToolCallEvent[]): boolean {
    if (this.#buffer === '') return false;
    const end = this.#json.find(this.#buffer);
    const text = end === undefined ? this.#buffer : this.#buffer.slice(0, end);
    if (text !== '') events.push({ kind: 'arguments', index: this.#index, text });
    this.#buffer = this.#buffer.slice(text.length);
    if (end === undefined) return false;
    this.#state = 'close';
    return true;
  }

  /** A call whose members stand in another order, read when it is complete. */
  #wholeCall(body: string): ToolCallEvent[] | undefined {
    const call = parsedObject(body);
    const name = call?.['name'];
    if (call === undefined || typeof name !== 'string') return undefined;
    const value = call['arguments'] ?? call['parameters'] ?? {};
    const index = this.#index;
    this.#index += 1;
    return [
      { kind: 'call', index, name },
      { kind: 'arguments', index, text: typeof value === 'string' ? value : JSON.stringify(value) },
    ];
  }
}

/** Finds where a JSON value ends, over pieces. */
class JsonEnd {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #began = false;

  find(text: string): number | undefined {
    for (let index = 0; index < text.length; index++) {
      const character = text[index];
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (character === '\\') this.#escaped = true;
        else if (character === '"') {
          this.#inString = false;
          if (this.#depth === 0) return index + 1;
        }
        continue;
      }
      if (character === '"') this.#inString = true;
      else if (character === '{' || character === '[') this.#depth += 1;
      else if (character === '}' || character === ']') {
        // A bare value (`null`, a number) ends before the bracket of the object around it.
        if (this.#depth === 0) return index;
        this.#depth -= 1;
        if (this.#depth === 0) return index + 1;
      } else if (character === ',' && this.#depth === 0 && this.#began) return index;
      this.#began = true;
    }
    return undefined;
  }
}

function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function textOf(literal: string): string {
  try {
    const value: unknown = JSON.parse(literal);
    return typeof value === 'string' ? value : literal;
  } catch {
    return literal;
  }
}
