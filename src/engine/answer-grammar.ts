import { EngineFailure, engineErrors } from './engine-error.ts';
import type { ChatRequest, ChatTool } from './request-schema.ts';
import { SchemaGrammar } from './schema-grammar.ts';

/** The grammar that an answer must follow, where the request forces one: a JSON format, or a tool call. */
export function answerGrammar(request: ChatRequest, tools: readonly ChatTool[]): string | undefined {
  const forced = forcedTools(request, tools);
  const format = request.response_format;
  if (forced !== undefined) return callGrammar(forced);
  if (!format || format.type === 'text') return undefined;
  const grammar = new SchemaGrammar();
  const schema = format.type === 'json_schema' ? format.json_schema.schema : { type: 'object' };
  return grammar.text(grammar.value(schema, 'response_format.json_schema.schema'));
}

/** The tools of which one must be called. */
function forcedTools(request: ChatRequest, tools: readonly ChatTool[]): readonly ChatTool[] | undefined {
  const choice = request.tool_choice;
  if (!choice || choice === 'auto' || choice === 'none') return undefined;
  if (tools.length === 0) throw new EngineFailure(engineErrors.invalidField('tool_choice', 'tool_choice: needs `tools`.'));
  if (choice === 'required') return tools;
  const named = tools.filter(({ function: { name } }) => name === choice.function.name);
  if (named.length > 0) return named;
  const message = `tool_choice: no tool is called \`${choice.function.name}\`.`;
  throw new EngineFailure(engineErrors.invalidField('tool_choice', message));
}

function callGrammar(tools: readonly ChatTool[]): string {
  const grammar = new SchemaGrammar();
  const calls = tools.map(({ function: { name, parameters } }, index) => {
    const value = grammar.value(parameters ?? { type: 'object' }, `tools.${index}.function.parameters`);
    const head = JSON.stringify(`{"name": ${JSON.stringify(name)}, "arguments": `);
    return `${head} ${value} "}"`;
  });
  return grammar.text(`"<tool_call>\\n" ( ${calls.join(' | ')} ) "\\n</tool_call>"`);
}
