import { AnswerNormaliser, needsNormaliser } from '../protocol/profiles/answer-normaliser.ts';
import { jsonResponse, parseBody, type AnswerTranslation, type Exchange, type WholeResponse } from './exchange.ts';
import { isRecord } from '../std/is-record.ts';
import type { Endpoint } from '../fleet/endpoint.ts';
import type { Profile } from '../protocol/profiles/profile.ts';
import type { UpstreamRequest } from './transport.ts';

const decoder = new TextDecoder();
const tools = Buffer.from('"tools"');

/**
 * How a request to an endpoint of OpenAI's dialect differs on the wire, and its answer from the published form;
 * undefined where neither does, so that nothing is looked at.
 */
export function profileExchange(endpoint: Endpoint, request: UpstreamRequest, profile: Profile): Exchange | undefined {
  const translation = translationOf(request, profile);
  if (profile.auth === 'bearer') return translation === undefined ? undefined : { kind: 'send', endpoint, request, translation };
  const headers = endpoint.key === undefined ? {} : { [profile.auth]: endpoint.key };
  return { kind: 'send', ...placed(endpoint, { ...request, headers }), translation: translation ?? {} };
}

function translationOf(request: UpstreamRequest, { answer, ...profile }: Profile): AnswerTranslation | undefined {
  const { body } = request;
  const error =
    answer.statusRules.length === 0 ? undefined : (response: WholeResponse): WholeResponse | undefined => withStatus(response, answer.statusRules);
  const asksForTools = body !== undefined && Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(tools);
  if (body === undefined || !needsNormaliser({ answer, ...profile }, asksForTools)) return error === undefined ? undefined : { error };
  const normaliser = new AnswerNormaliser({ answer, ...profile });
  return {
    event: (data, bytes) => {
      const told = normaliser.concerns(data) ? normaliser.push(bytes) : bytes;
      return told === bytes ? undefined : [decoder.decode(told)];
    },
    whole: (text) => jsonResponse(decoder.decode(normaliser.push(Buffer.from(text)))),
    ...(error === undefined ? {} : { error }),
  };
}

function withStatus(response: WholeResponse, rules: Profile['answer']['statusRules']): WholeResponse | undefined {
  const rule = rules.find(({ from, body }) => response.status >= from && body.test(response.body));
  if (rule === undefined) return undefined;
  // A body that is no JSON would be taken for a page of whatever stands before the endpoint.
  const body = isRecord(parseBody(response.body))
    ? response.body
    : JSON.stringify({ error: { message: 'The endpoint could not read the request.' } });
  return { status: rule.status, headers: { ...response.headers, 'content-type': 'application/json' }, body };
}

/** Azure's dated API names the deployment in the path, and its version in the query. */
function placed(endpoint: Endpoint, request: UpstreamRequest): { readonly endpoint: Endpoint; readonly request: UpstreamRequest } {
  const { apiVersion, address } = endpoint;
  if (apiVersion === undefined) return { endpoint, request };
  const json = parseBody(request.body);
  const model = isRecord(json) && typeof json['model'] === 'string' ? json['model'] : undefined;
  const deployment = model === undefined ? '' : `/deployments/${encodeURIComponent(model)}`;
  return {
    endpoint: { ...endpoint, address: { ...address, basePath: `/openai${deployment}` } },
    request: { ...request, path: `${request.path}?api-version=${encodeURIComponent(apiVersion)}` },
  };
}
