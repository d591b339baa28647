import { randomBytes } from 'node:crypto';
import type { AttemptClosed, AttemptOpened, Charge, TokenUsage } from '../../src/ledger/ledger.ts';

export interface RequestRecords {
  readonly opened: AttemptOpened;
  readonly closed: AttemptClosed;
  readonly charge: Charge;
}

const tenants = ['research', 'support', 'batch'];
const models = ['llama-3.3-70b', 'qwen-3-32b'];
const silicons = Array.from({ length: 20 }, (_, index) => ({
  vendor: index % 2 === 0 ? 'nvidia' : 'amd',
  chip: index % 2 === 0 ? 'H100' : 'MI300X',
  evidence: 'declared' as const,
}));
const silicon = { vendor: 'nvidia', chip: 'H100', evidence: 'declared' } as const;

/** Milliseconds first, as the gateway's own ids. */
function newId(): string {
  return Date.now().toString(16).padStart(12, '0') + randomBytes(6).toString('hex');
}

/** What `AttemptBook` writes of the n-th ordinary request: one attempt, one segment, one charge. */
export function recordsOf(number: number): RequestRecords {
  const attemptId = newId();
  const requestId = `req_${newId()}`;
  const model = models[number % models.length] ?? '';
  const endpointId = `endpoint-${number % silicons.length}`;
  const deploymentId = `${model}@${endpointId}`;
  const tenant = tenants[number % tenants.length] ?? '';
  const { vendor, chip, evidence } = silicons[number % silicons.length] ?? silicon;
  const usage: TokenUsage = { inputTokens: 200 + (number % 50), cachedInputTokens: 0, outputTokens: 60 + (number % 9), source: 'upstream' };
  const costUsd = (usage.inputTokens * 0.4 + usage.outputTokens * 0.8) / 1e6;
  const times = { ttftMs: 80.123456 + (number % 17), durationMs: 900.654321 + (number % 13) };
  const openedAtWallMs = Date.now();
  const route = 'chat.completions';
  return {
    opened: {
      attemptId,
      requestId,
      ordinal: 1,
      reason: 'first',
      tenant,
      route,
      model,
      deploymentId,
      endpointId,
      vendor,
      chip,
      evidence,
      openedAtWallMs,
      reservedInputTokens: 210,
      reservedOutputTokens: 1024,
    },
    closed: { attemptId, state: 'S', outcome: 'ok', usage, costUsd, ...times },
    charge: {
      requestId,
      tenant,
      route,
      model,
      outcome: 'ok',
      attempts: 1,
      usage,
      chargeUsd: costUsd,
      segments: [{ attemptId, endpointId, deploymentId, vendor, chip, evidence, outputTokens: usage.outputTokens, characters: 280 }],
      settledAtWallMs: openedAtWallMs + 20,
    },
  };
}
