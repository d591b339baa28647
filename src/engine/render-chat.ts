import { EngineFailure, engineErrors } from './engine-error.ts';
import type { LoadedModel } from './load-model.ts';
import type { ChatMessage, ChatRequest, ChatTool } from './request-schema.ts';

/** The prompt's text, by the model's own chat template, in the form that Hugging Face's `apply_chat_template` gives it. */
export function renderChat(model: LoadedModel, request: ChatRequest, tools: readonly ChatTool[]): string {
  if (model.chatTemplate === undefined) {
    throw new EngineFailure(engineErrors.unsupported('messages', 'This model has no chat template: use /v1/completions.'));
  }
  const messages = request.messages.map(templateMessage);
  const continues = request.continue_final_message === true;
  const variables: Record<string, unknown> = {
    messages,
    add_generation_prompt: !continues && request.add_generation_prompt !== false,
    bos_token: model.bosText,
    eos_token: model.eosText,
  };
  if (tools.length > 0) variables['tools'] = tools;
  let text: string;
  try {
    text = model.renderTemplate(variables);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new EngineFailure(engineErrors.invalidField('messages', `The chat template refused these messages: ${reason}`));
  }
  return continues ? cutAfterFinalMessage(text, messages) : text;
}

/**
 * Leaves the last message open, so that the model goes on with it. Where the template keeps the blanks at its end they
 * stay in the prompt: a model that does not see them would write them once more.
 */
function cutAfterFinalMessage(text: string, messages: readonly Record<string, unknown>[]): string {
  const content = messages.at(-1)?.['content'];
  const last = typeof content === 'string' ? content.trim() : '';
  const at = last === '' ? -1 : text.lastIndexOf(last);
  if (at < 0 || typeof content !== 'string') {
    throw new EngineFailure(engineErrors.invalidField('continue_final_message', 'The last message has no content that could be continued.'));
  }
  const whole = content.trimStart();
  return text.slice(0, at + (text.startsWith(whole, at) ? whole.length : last.length));
}

function templateMessage(message: ChatMessage, index: number): Record<string, unknown> {
  const rendered: Record<string, unknown> = {
    // Templates know `system`; `developer` is OpenAI's newer name for it.
    role: message.role === 'developer' ? 'system' : message.role,
    content: plainText(message.content, index),
  };
  if (typeof message.name === 'string') rendered['name'] = message.name;
  if (typeof message.tool_call_id === 'string') rendered['tool_call_id'] = message.tool_call_id;
  if (message.tool_calls && message.tool_calls.length > 0) {
    rendered['tool_calls'] = message.tool_calls.map((call) => ({
      ...(call.id === undefined ? {} : { id: call.id }),
      type: 'function',
      function: { name: call.function.name, arguments: parsedOrText(call.function.arguments) },
    }));
  }
  return rendered;
}

function plainText(content: ChatMessage['content'], index: number): string {
  if (typeof content === 'string') return content;
  return (content ?? [])
    .map((part) => {
      if (part.type === 'text' && part.text !== undefined) return part.text;
      const field = `messages.${index}.content`;
      throw new EngineFailure(engineErrors.unsupported(field, `This engine reads text only, not \`${part.type}\`.`));
    })
    .join('');
}

/** Templates write arguments with `tojson`, so they want the value; what is not JSON stays as it is. */
function parsedOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
