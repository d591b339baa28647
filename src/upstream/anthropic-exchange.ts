import { jsonResponse, parseBody, unsupported, type Exchange } from './exchange.ts';
import { headerText, type ResponseHeaders } from './response-headers.ts';
import { MessagesStream } from '../protocol/anthropic-upstream/messages-stream.ts';
import { toMessagesRequest } from '../protocol/anthropic-upstream/to-messages-request.ts';
import { wholeMessage } from '../protocol/anthropic-upstream/whole-message.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { UpstreamRequest } from './transport.ts';

/** The version of its API that the translation was written for. */
const anthropicVersion = '2023-06-01';
/** The most that one page of its list holds. */
const mostModels = 1000;

/** A request of the published form as one to Anthropic's Messages API. */
export function anthropicExchange(endpoint: Endpoint, request: UpstreamRequest, wallMs: number): Exchange {
  const headers = { 'anthropic-version': anthropicVersion, ...(endpoint.key === undefined ? {} : { 'x-api-key': endpoint.key }) };
  if (request.path === '/models')
    return {
      kind: 'send',
      endpoint,
      request: { ...request, path: `/models?limit=${mostModels}`, headers },
      translation: { headers: withPublishedLimits },
    };
  if (request.path !== '/chat/completions' || request.body === undefined) return unsupported('route', 'does not exist in this dialect');
  const translated = toMessagesRequest(parseBody(request.body));
  if (!translated.ok) return unsupported(translated.failure.path, translated.failure.what);
  const created = Math.floor(wallMs / 1000);
  const stream = new MessagesStream({ id: 'msg', model: String(translated.value['model']), created });
  const body = new TextEncoder().encode(JSON.stringify(translated.value));
  return {
    kind: 'send',
    endpoint,
    request: { ...request, path: '/messages', body, headers },
    translation: {
      event: (data) => stream.push(data),
      whole: (text) => {
        const whole = wholeMessage(parseBody(text), created);
        return whole === undefined ? undefined : jsonResponse(whole);
      },
      headers: withPublishedLimits,
    },
  };
}

/** Its limits under the names that every reader of limits knows; a moment becomes milliseconds since 1970. */
function withPublishedLimits(headers: ResponseHeaders): ResponseHeaders {
  const told: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const found = /^anthropic-ratelimit-(requests|tokens|input-tokens|output-tokens)-(limit|remaining|reset)$/.exec(name);
    const value = headerText(headers, name);
    if (found === null || value === undefined) continue;
    const resetMs = Date.parse(value);
    if (found[2] !== 'reset') told[`x-ratelimit-${found[2] ?? ''}-${found[1] ?? ''}`] = value;
    else if (!Number.isNaN(resetMs)) told[`x-ratelimit-reset-${found[1] ?? ''}`] = String(resetMs);
  }
  return { ...headers, ...told };
}
