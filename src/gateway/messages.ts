import type { RouteHandler } from './route.ts';
import { approved } from '../policy/choose-deployments.ts';
import { messagesDialect } from './messages-dialect.ts';
import { parseCountRequest, parseMessagesRequest } from '../protocol/messages/parse-messages-request.ts';
import { receive } from './receive.ts';
import { refuse } from './refuse.ts';
import { sendTokenCount } from './send-token-count.ts';
import { serveAnswer } from './serve-answer.ts';
import { chatToRelay } from './to-relay-request.ts';
import type { Caller } from '../access/caller.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { GatewayContext } from './gateway-context.ts';

/** From the version whose events are those that we write. The SDKs say it, or 2026-10-21, which took nothing of them away. */
const firstVersion = '2023-06-01';

/** POST /v1/messages: Anthropic's API, translated to chat completions on the way in and back on the way out. */
export const messages: RouteHandler = async (context, incoming, response, { caller }) => {
  const version = checkVersion(incoming.headers['anthropic-version']);
  if (version !== undefined) return refuse(incoming, response, version);
  const parsed = await receive(context, incoming, response, (bytes, limits) =>
    parseMessagesRequest(bytes, limits, (model, field) => declares(context, caller, model, field)),
  );
  if (parsed === undefined) return;
  const request = chatToRelay(context, caller, parsed, 'messages');
  await serveAnswer(context, incoming, response, request, messagesDialect(request));
};

/** POST /v1/messages/count_tokens. */
export const countTokens: RouteHandler = async (context, incoming, response, { caller }) => {
  const version = checkVersion(incoming.headers['anthropic-version']);
  if (version !== undefined) return refuse(incoming, response, version);
  const parsed = await receive(context, incoming, response, parseCountRequest);
  if (parsed === undefined) return;
  const mayAsk = caller.rules?.allowsModel(parsed.model) !== false;
  if (mayAsk && !context.relay.fleet.models().includes(parsed.model)) return refuse(incoming, response, { code: 'model_not_found' });
  await sendTokenCount(context, incoming, response, caller, parsed, {});
};

function checkVersion(version: string | readonly string[] | undefined): Fault | undefined {
  if (version === undefined || (typeof version === 'string' && /^\d{4}-\d\d-\d\d$/.test(version) && version >= firstVersion)) return undefined;
  const detail = `The header \`anthropic-version\` must be a date, ${firstVersion} or later.`;
  return { code: 'invalid_request', param: 'anthropic-version', detail };
}

function declares({ relay }: GatewayContext, { rules }: Caller, model: string, field: string): boolean {
  return approved(relay.fleet.candidates(), rules).some(
    ({ endpoint, deployment }) => deployment.model === model && endpoint.extensions.includes(field),
  );
}
