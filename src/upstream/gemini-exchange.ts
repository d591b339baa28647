import { GenerateStream } from '../protocol/gemini-upstream/generate-stream.ts';
import { jsonResponse, parseBody, unsupported, type Exchange, type WholeResponse } from './exchange.ts';
import { modelList, retryDelayMs, wholeGenerate } from '../protocol/gemini-upstream/whole-generate.ts';
import { toGenerateRequest } from '../protocol/gemini-upstream/to-generate-request.ts';
import { isRecord } from '../std/is-record.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { UpstreamRequest } from './transport.ts';

/** The most that one page of its list holds. */
const mostModels = 1000;

/** A request of the published form as one to Gemini's own API. */
export function geminiExchange(endpoint: Endpoint, request: UpstreamRequest, wallMs: number): Exchange {
  const headers = endpoint.key === undefined ? {} : { 'x-goog-api-key': endpoint.key };
  if (request.path === '/models') {
    const whole = (text: string): WholeResponse | undefined => {
      const list = modelList(parseBody(text));
      return list === undefined ? undefined : jsonResponse(list);
    };
    return { kind: 'send', endpoint, request: { ...request, path: `/models?pageSize=${mostModels}`, headers }, translation: { whole, error } };
  }
  if (request.path !== '/chat/completions' || request.body === undefined) return unsupported('route', 'does not exist in this dialect');
  const json = parseBody(request.body);
  const translated = toGenerateRequest(json);
  if (!translated.ok) return unsupported(translated.failure.path, translated.failure.what);
  const { model, request: wanted } = translated.value;
  const created = Math.floor(wallMs / 1000);
  // An id of its own for an answer that names none: only the clock can give one here.
  const identity = { id: `gen-${wallMs}`, model, created };
  const stream = new GenerateStream(identity);
  const streams = isRecord(json) && json['stream'] === true;
  return {
    kind: 'send',
    endpoint,
    request: {
      ...request,
      path: `/${resourceOf(model)}:${streams ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      body: new TextEncoder().encode(JSON.stringify(wanted)),
      headers,
    },
    translation: {
      event: (data) => stream.push(data),
      end: () => stream.end(),
      whole: (text) => {
        const whole = wholeGenerate(parseBody(text), identity);
        if (whole === undefined) return undefined;
        return whole.kind === 'answer' ? jsonResponse(whole.body) : { ...jsonResponse(whole.body), status: 400 };
      },
      error,
    },
  };
}

/** `models/NAME`, or another kind of resource where the name says so (`tunedModels/NAME`). */
function resourceOf(model: string): string {
  const named = model.includes('/') ? model : `models/${model}`;
  return named.split('/').map(encodeURIComponent).join('/');
}

/** A key that is not valid is told as 400 there, and how long to wait in the body alone. */
function error({ status, headers, body }: WholeResponse): WholeResponse {
  const delayMs = retryDelayMs(body);
  return {
    status: status === 400 && body.includes('API_KEY_INVALID') ? 401 : status,
    headers: delayMs === undefined ? headers : { ...headers, 'retry-after-ms': String(delayMs) },
    body,
  };
}
