import { showsProvenance } from './shows-provenance.ts';
import { refusedBy } from '../upstream/refused-by.ts';
import type { Caller } from '../access/caller.ts';
import type { ChatRequest } from '../protocol/parse-chat-request.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { PriceOf } from '../policy/provider-preference.ts';
import type { GenerationRequest } from '../protocol/inference-request.ts';
import type { AskedApi, RelayRequest, Route } from '../upstream/relay-request.ts';

/** Text of the prompt per token, low on purpose: a reservation should rather be too large. */
const charactersPerToken = 3;
const noFields: readonly string[] = [];

export interface RouteFacts {
  readonly hasTools: boolean;
  readonly responseFormat: RelayRequest['responseFormat'];
  /** Whether the answer repeats the prompt or must fit before a suffix, so that nothing may go on from its middle. */
  readonly framed: boolean;
  /** Whether the request ends with the assistant's text. */
  readonly prefilled: boolean;
  readonly estimatedInputTokens: number;
  /** Images, sounds and files in the prompt. */
  readonly mediaParts?: number;
  /** The API that was asked, where it is not the route's own. */
  readonly api?: AskedApi;
}

/** A stand-in for a count until the endpoint tells the true one. */
export function estimateTokens(characters: number): number {
  return Math.ceil(characters / charactersPerToken);
}

function priceOf({ relay: { prices } }: GatewayContext): PriceOf {
  return (candidate) => (prices === undefined ? candidate.deployment.price : prices.of(candidate));
}

/** Turns a parsed request of any route into what dispatch and relay need of it. */
export function toRelayRequest(
  context: GatewayContext,
  route: Route,
  caller: Caller,
  parsed: Omit<GenerationRequest, 'temperature'>,
  facts: RouteFacts,
): RelayRequest {
  return {
    requestId: `req_${context.relay.newId()}`,
    tenant: caller.tenant,
    keyId: caller.keyId,
    tenantMark: context.tenantMark?.(caller.tenant),
    route,
    api: facts.api ?? route,
    model: parsed.model,
    body: { bytes: parsed.bytes, scanned: parsed.scanned, stream: parsed.stream, isUsual: parsed.isUsual === true },
    demand: {
      model: parsed.model,
      otherModels: parsed.otherModels,
      provider: parsed.provider,
      priceOf: parsed.provider?.maxPrice === undefined ? undefined : priceOf(context),
      rules: caller.rules,
      unpublishedFields: parsed.isUsual === true ? noFields : [...parsed.unknownFields, ...parsed.extensionFields],
      refusedBy: refusedBy(route, parsed),
    },
    choices: parsed.n,
    maxTokens: parsed.maxTokens,
    seed: parsed.seed,
    sampling: parsed.sampling,
    hasTools: facts.hasTools,
    stops: parsed.stop,
    responseFormat: facts.responseFormat,
    logprobs: parsed.logprobs,
    wantsUsage: parsed.includeUsage,
    wantsTokenIds: parsed.wantsTokenIds,
    hidesSecondSource: !showsProvenance(context.provenance, 'body'),
    framed: facts.framed,
    prefilled: facts.prefilled,
    lowestTier: context.continuation.lowest,
    holdsStructured: context.continuation.hold === 'structured',
    estimatedInputTokens: facts.estimatedInputTokens,
    mediaParts: facts.mediaParts,
    receivedAtMs: context.relay.clock.nowMs(),
    // Known later. Named here all the same, so that all requests have one shape wherever they are copied with it.
    ask: undefined,
    capPrice: undefined,
    reservation: undefined,
  };
}

/** The same for a chat, whichever API it was asked in. */
export function chatToRelay(context: GatewayContext, caller: Caller, chat: ChatRequest, api: AskedApi = 'chat'): RelayRequest {
  return toRelayRequest(context, 'chat', caller, chat, {
    hasTools: chat.hasTools,
    responseFormat: chat.responseFormat,
    framed: false,
    prefilled: chat.endsWithAssistant,
    estimatedInputTokens: estimateTokens(chat.messageCharacters),
    mediaParts: chat.media.length,
    api,
  });
}
