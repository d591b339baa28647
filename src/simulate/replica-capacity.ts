import type { ReplicaShape } from './replica/batching-replica.ts';

/** Requests a second of such lengths that a replica could do with a full batch: a truth that no router is told but those said to know it. */
export function replicaCapacity(
  { stepModel, maxSequences, capacityBlocks, blockTokens }: ReplicaShape,
  promptTokens: number,
  outputTokens: number,
): number {
  const batch = Math.max(1, Math.min(maxSequences, (capacityBlocks * blockTokens) / (promptTokens + outputTokens / 2)));
  const perRequestMs = stepModel.floors.map(
    (floor) =>
      floor.perPrefillTokenMs * promptTokens +
      (floor.perPrefillPairMs * promptTokens * promptTokens) / 2 +
      outputTokens * (floor.perStepMs / batch + floor.perDecodeTokenMs + floor.perKvTokenMs * (promptTokens + outputTokens / 2)),
  );
  return 1000 / Math.max(...perRequestMs);
}
