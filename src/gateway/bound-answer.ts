import { scanJson } from '../protocol/scan-json.ts';
import { spliceMembers } from '../protocol/splice-json.ts';
import type { RelayRequest } from '../upstream/relay-request.ts';

/** Says in the request itself how long its answer may be, where the client did not: what is reserved must hold upstream too. */
export function boundAnswer(request: RelayRequest, maxTokens: number): RelayRequest {
  const { bytes, scanned, stream, isUsual } = request.body;
  const edits = new Map<string, string | undefined>([['max_tokens', String(maxTokens)]]);
  // Only a `null`, since the request bounds nothing: beside a number it could be taken for one that contradicts it.
  if (scanned.members.has('max_completion_tokens')) edits.set('max_completion_tokens', undefined);
  const bounded = spliceMembers(bytes, scanned, edits);
  const again = scanJson(bounded);
  // What was one object stays one with a number in it.
  if (!again.ok || again.value.kind !== 'object') return request;
  return { ...request, maxTokens, body: { bytes: bounded, scanned: again.value, stream, isUsual: isUsual === true } };
}
