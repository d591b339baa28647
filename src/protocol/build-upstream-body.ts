import { textOfBytes } from '../std/text-of-bytes.ts';
import { fitRequest, type Fitting } from './profiles/fit-request.ts';
import { scanJson, type ScannedJson } from './scan-json.ts';
import { spliceMembers } from './splice-json.ts';

/** The gateway's own: no endpoint ever sees them. */
export const ownMembers = ['models', 'provider'] as const;

export interface ClientBody {
  readonly bytes: Uint8Array;
  readonly scanned: ScannedJson;
  readonly stream: boolean;
  /** Whether it is known to carry none of the members that some endpoints want taken out. */
  readonly isUsual?: boolean;
}

/** Returns the client's own bytes with only the members changed that one endpoint needs otherwise. */
export function buildUpstreamBody(body: ClientBody, upstreamModel: string, askTokenIds: boolean, fitting: Fitting): Uint8Array {
  const edits = new Map<string, string | undefined>();
  if (!asksFor(body, upstreamModel)) edits.set('model', JSON.stringify(upstreamModel));
  for (const name of ownMembers) if (body.scanned.members.has(name)) edits.set(name, undefined);
  // Usage is asked for in every stream: without it a bill would be a guess (fault 69).
  if (body.stream) edits.set('stream_options', streamOptionsWithUsage(body));
  if (askTokenIds) edits.set('return_token_ids', 'true');
  fitRequest(edits, body.bytes, body.scanned, fitting);
  return spliceMembers(body.bytes, body.scanned, edits);
}

/** Whether the body names the model as the endpoint does, letter by letter. */
function asksFor({ bytes, scanned }: ClientBody, upstreamModel: string): boolean {
  const span = scanned.members.get('model');
  return span !== undefined && scanned.shadowed.length === 0 && textOfBytes(bytes, span.valueStart, span.valueEnd) === `"${upstreamModel}"`;
}

function streamOptionsWithUsage(body: ClientBody): string {
  const span = body.scanned.members.get('stream_options');
  const given = span === undefined ? undefined : body.bytes.subarray(span.valueStart, span.valueEnd);
  const scanned = given === undefined ? undefined : scanJson(given);
  if (given === undefined || scanned === undefined || !scanned.ok || scanned.value.kind !== 'object') return '{"include_usage":true}';
  return new TextDecoder().decode(spliceMembers(given, scanned.value, new Map([['include_usage', 'true']])));
}
