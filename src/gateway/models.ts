import { refuse, speaksAnthropic } from './refuse.ts';
import { sendJson } from './respond.ts';
import { servedModels } from '../policy/served-models.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { RouteHandler } from './route.ts';

/** GET /v1/models: the logical names that this caller can ask for now, as OpenAI lists them or, where its version is named, as Anthropic does. */
export const listModels: RouteHandler = (context, incoming, response, { caller }) => {
  const names = servedModels(context.relay.fleet.candidates(), caller.rules);
  const list = speaksAnthropic(incoming)
    ? { data: names.map((id) => anthropicModel(context, id)), has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null }
    : { object: 'list', data: names.map((id) => openAiModel(context, id)) };
  sendJson(response, 200, JSON.stringify(list));
};

/** GET /v1/models/{id}; a name with slashes comes with them encoded, as the SDKs send it. */
export const retrieveModel: RouteHandler = (context, incoming, response, { caller, pathParts: [part = ''] }) => {
  const id = decoded(part);
  if (id === undefined || !servedModels(context.relay.fleet.candidates(), caller.rules).includes(id))
    return refuse(incoming, response, { code: 'model_not_found' });
  sendJson(response, 200, JSON.stringify(speaksAnthropic(incoming) ? anthropicModel(context, id) : openAiModel(context, id)));
};

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function openAiModel({ startedAtWallMs }: GatewayContext, id: string): object {
  return { id, object: 'model', created: Math.floor(startedAtWallMs / 1000), owned_by: 'second-source' };
}

function anthropicModel({ startedAtWallMs }: GatewayContext, id: string): object {
  const unknown = { capabilities: null, max_input_tokens: null, max_tokens: null, deprecated_at: null, retires_at: null, line: null };
  return { type: 'model', id, display_name: id, created_at: new Date(startedAtWallMs).toISOString(), lifecycle: 'active', ...unknown };
}
