import type { InputItem } from './response-shapes.ts';
import type { OutputItem } from './response-object.ts';

/** What was answered, as a later request says it again. */
export function outputAsInput(item: OutputItem): InputItem {
  switch (item.type) {
    case 'message':
      return { role: 'assistant', content: item.content.map((part) => (part.type === 'refusal' ? part : { type: part.type, text: part.text })) };
    case 'reasoning':
      return { type: 'reasoning', content: [...item.content], encrypted_content: item.encrypted_content };
    case 'function_call':
      return { type: 'function_call', call_id: item.call_id, name: item.name, arguments: item.arguments };
  }
}
