/**
 * What keys, limits and budgets cost a request in CPU time: `npm run benchmark:limits`. The very steps of the gateway's
 * path are run by themselves, many times over: who asks is found by the head; what the request may use at most is worked
 * out over four endpoints, reserved at its levels, written into headers where a limit a minute has any, and settled.
 * Nothing is dispatched or recorded. Of five rounds the middle one is printed, and the range of all.
 */
import { admitRequest, type LimitDesk } from '../../src/gateway/admit-request.ts';
import { authenticateBy } from '../../src/gateway/authenticate.ts';
import { Breaker } from '../../src/policy/breaker.ts';
import { defaultHealthRules } from '../../src/policy/health-rules.ts';
import { Desk } from '../../src/access/testing/desk.ts';
import { Fleet } from '../../src/fleet/fleet.ts';
import { limitLines } from '../../src/gateway/limit-lines.ts';
import { localCaller } from '../../src/access/caller.ts';
import { noLimits, type Limits, type LimitRules, type Payer } from '../../src/budget/limits.ts';
import { OwnKeeper } from '../../src/budget/own-keeper.ts';
import { PriceBook } from '../../src/budget/price-book.ts';
import { sampleDeployment, sampleEndpoint } from '../../src/fleet/testing/sample-endpoint.ts';
import { scanJson } from '../../src/protocol/scan-json.ts';
import { systemClock } from '../../src/std/clock.ts';
import type { RelayRequest } from '../../src/upstream/relay-request.ts';

const requests = 200_000;
const rounds = 5;
const keyCount = 200;
const most: Limits = {
  usdPerDay: 1_000_000,
  usdPerMonth: 8_000_000,
  tokensPerDay: 1e14,
  tokensPerMonth: 1e15,
  requestsPerMinute: 1e12,
  tokensPerMinute: 1e12,
  concurrentRequests: 1_000_000,
};
const budgets: Limits = { ...noLimits, usdPerDay: most.usdPerDay, usdPerMonth: most.usdPerMonth };
const rates: Limits = { ...noLimits, requestsPerMinute: most.requestsPerMinute, tokensPerMinute: most.tokensPerMinute };

const settings: readonly (readonly [name: string, key: Limits, team: Limits, whole: Limits])[] = [
  ['its key found, and no limit', noLimits, noLimits, noLimits],
  ['… a key’s limits a minute', rates, noLimits, noLimits],
  ['… a team’s money, by day and month', noLimits, budgets, noLimits],
  ['… both of these', rates, budgets, noLimits],
  ['… every limit at all three levels', most, most, most],
];

const fleet = new Fleet(systemClock, () => new Breaker(defaultHealthRules, Math.random));
const price = { inputUsdPerMtok: 3, cachedInputUsdPerMtok: 1, outputUsdPerMtok: 15 };
for (const id of ['a', 'b', 'c', 'd']) fleet.put(sampleEndpoint({ id }), [sampleDeployment(id, { price })], 'ready');
const relay = { fleet, prices: new PriceBook([], undefined) };

const bytes = new TextEncoder().encode(JSON.stringify({ model: 'm', max_tokens: 200, messages: [{ role: 'user', content: 'x'.repeat(1500) }] }));
const scanned = scanJson(bytes);
if (!scanned.ok) throw new Error(scanned.failure.what);
const request: RelayRequest = {
  requestId: 'req_0',
  ...localCaller,
  route: 'chat',
  api: 'chat',
  model: 'm',
  body: { bytes, scanned: scanned.value, stream: false },
  demand: { model: 'm', provider: undefined, rules: undefined, unpublishedFields: [] },
  choices: 1,
  maxTokens: 200,
  seed: undefined,
  sampling: 'sampled',
  hasTools: false,
  stops: [],
  responseFormat: 'text',
  logprobs: false,
  framed: false,
  prefilled: false,
  lowestTier: 'prefill',
  holdsStructured: false,
  wantsUsage: false,
  wantsTokenIds: false,
  estimatedInputTokens: 500,
  receivedAtMs: 0,
};

/** Nobody's requests cost what is here besides: the loop, and the copy of a request with another payer. */
function oneRound(desk: LimitDesk, admit: (sent: number) => Payer): number {
  const before = process.cpuUsage();
  for (let sent = 0; sent < requests; sent += 1) {
    const { tenant, keyId } = admit(sent);
    const asked = { ...request, tenant, keyId };
    const kinds = desk.keeper.kindsOf(asked);
    if (kinds === undefined) continue;
    const admitted = admitRequest(relay, desk, kinds, asked);
    if (admitted instanceof Promise || !admitted.ok) throw new Error('a request was refused');
    const { reservation } = admitted.value;
    limitLines(reservation.standing, 'chat', 0);
    reservation.settle({ tokens: 300, nanoUsd: 2_000_000 }, systemClock.wallMs());
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requests;
}

function measured(key: Limits, team: Limits, whole: Limits, admit: (sent: number) => Payer): readonly number[] {
  const rules: LimitRules = { timeZone: 'UTC', whole, eachTeam: team, eachKey: key, teams: new Map(), keys: new Map() };
  const desk: LimitDesk = { keeper: new OwnKeeper(rules, () => [], systemClock), answerTokens: 8192, mediaTokens: 50_000 };
  oneRound(desk, admit);
  return Array.from({ length: rounds }, () => oneRound(desk, admit)).toSorted((a, b) => a - b);
}

const keys = new Desk();
const heads: { readonly authorization: string }[] = [];
for (let made = 0; made < keyCount; made += 1) heads.push({ authorization: `Bearer ${(await keys.made({})).secret}` });
const authenticate = authenticateBy({ listenKeys: [], teams: keys.teams, book: keys.book, clock: systemClock });
const byKey = (sent: number): Payer => {
  const admitted = authenticate(heads[sent % keyCount] ?? {});
  if (!admitted.ok) throw new Error(admitted.failure.code);
  return admitted.value;
};

const [idle = 0] = measured(noLimits, noLimits, noLimits, () => localCaller);
console.log(`µs of CPU time a request, ${keyCount} keys in turn; the loop itself (${idle.toFixed(2)}) is taken off:`);
for (const [name, key, team, whole] of settings) {
  const all = measured(key, team, whole, byKey).map((us) => (us - idle).toFixed(2));
  console.log(`  ${name.padEnd(36)} ${all[Math.floor(rounds / 2)]}  (${all[0]} to ${all.at(-1)})`);
}
