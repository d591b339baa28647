import type { InputItem } from './response-shapes.ts';

/** An input item as the API lists it: what was a plain text is a part, and everything has an id and a type. */
export function listedItem(item: InputItem, id: string): { readonly id: string; readonly [field: string]: unknown } {
  if (!('role' in item)) return { ...item, id, status: 'completed' };
  const { role, content } = item;
  if (typeof content !== 'string') return { id, type: 'message', role, status: 'completed', content };
  const part = role === 'assistant' ? { type: 'output_text', text: content, annotations: [], logprobs: [] } : { type: 'input_text', text: content };
  return { id, type: 'message', role, status: 'completed', content: [part] };
}
