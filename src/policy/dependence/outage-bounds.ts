import type { FleetPlace, LoadRow } from './load-row.ts';
import type { OutageBound } from './dependence-report.ts';

/** A stretch in which fewer attempts than this were within the SLO shows no capacity: it was overloaded, or broken. */
const goodEnough = 0.95;
const mostDomains = 32;

export interface OutageQuestion {
  readonly sloClass: string;
  /** How long the stretches of the rows are. */
  readonly bucketMs: number;
  readonly controlGroupOf: (vendor: string) => string;
  /** Why prompts may not go to a processor, where some team that has traffic did not approve it; undefined where all did. */
  readonly whyUnapproved: (place: FleetPlace) => string | undefined;
}

/** Tokens a second that an endpoint was seen to serve of a model within the SLO, at its best. */
type SeenCapacity = ReadonlyMap<string, number>;

interface Loss {
  readonly lost: OutageBound['lost'];
  readonly isLost: (place: FleetPlace) => boolean;
}

/**
 * For each vendor, control group and failure domain: a lower bound on the part of each model's peak load that the others
 * could serve within the SLO if it were lost (DESIGN §2, N-1). Counts what an endpoint was seen to serve, or is declared
 * to; an endpoint of several models with an equal part of its time for each.
 */
export function outageBounds(rows: readonly LoadRow[], places: readonly FleetPlace[], question: OutageQuestion): readonly OutageBound[] {
  const peaks = peakLoads(rows, question.bucketMs);
  const seen = seenCapacity(rows, question.bucketMs);
  const real = places.filter(({ evidence }) => evidence !== 'emulated');
  const losses = lossesOf(real, question.controlGroupOf);
  const bounds: OutageBound[] = [];
  for (const [model, peakTokensPerSecond] of peaks) {
    const serving = real.filter(({ models }) => models.includes(model));
    for (const { lost, isLost } of losses) {
      const gone = serving.filter(isLost);
      if (gone.length === 0) continue;
      const { capacity, leftOut } = capacityWithout(model, serving, gone, seen, question);
      const atLeast = Math.min(1, capacity / peakTokensPerSecond);
      bounds.push({ model, sloClass: question.sloClass, lost, atLeast, peakTokensPerSecond, leftOut });
    }
  }
  return bounds.toSorted((a, b) => a.atLeast - b.atLeast || b.peakTokensPerSecond - a.peakTokensPerSecond);
}

function capacityWithout(
  model: string,
  serving: readonly FleetPlace[],
  gone: readonly FleetPlace[],
  seen: SeenCapacity,
  { whyUnapproved }: OutageQuestion,
): { readonly capacity: number; readonly leftOut: OutageBound['leftOut'] } {
  const leftOut: { endpointId: string; why: string }[] = [];
  const lostDomains = new Set(gone.flatMap(({ failureDomains }) => failureDomains));
  let capacity = 0;
  for (const place of serving) {
    if (gone.includes(place)) continue;
    const shared = place.failureDomains.find((name) => lostDomains.has(name));
    const declared = (place.declaredTokensPerSecond ?? 0) / Math.max(1, place.models.length);
    const served = (seen.get(seenKey(place.id, model)) ?? 0) / Math.max(1, place.models.filter((name) => seen.has(seenKey(place.id, name))).length);
    const why =
      place.evidence === 'unknown' || place.vendor === 'unknown'
        ? 'its silicon is unknown'
        : shared !== undefined
          ? `shares ${shared} with what is lost`
          : (place.absent ?? whyUnapproved(place) ?? (declared + served === 0 ? 'no capacity was seen there, and none is declared' : undefined));
    if (why === undefined) capacity += Math.max(declared, served);
    else leftOut.push({ endpointId: place.id, why });
  }
  return { capacity, leftOut };
}

/** Of each model, the most tokens a second in any stretch, all real endpoints together; the busiest first. */
function peakLoads(rows: readonly LoadRow[], bucketMs: number): readonly (readonly [string, number])[] {
  const loads = new Map<string, Map<number, number>>();
  for (const { model, atWallMs, tokens, evidence } of rows) {
    if (tokens === 0 || evidence === 'emulated') continue;
    const load = loads.get(model) ?? new Map<number, number>();
    loads.set(model, load.set(atWallMs, (load.get(atWallMs) ?? 0) + tokens));
  }
  return [...loads].map(([model, load]) => [model, (Math.max(...load.values()) * 1000) / bucketMs] as const).toSorted(([, a], [, b]) => b - a);
}

function seenCapacity(rows: readonly LoadRow[], bucketMs: number): SeenCapacity {
  const seen = new Map<string, number>();
  for (const { endpointId, model, tokens, attempts, good } of rows) {
    if (tokens === 0 || good < goodEnough * attempts) continue;
    const key = seenKey(endpointId, model);
    seen.set(key, Math.max(seen.get(key) ?? 0, (tokens * 1000) / bucketMs));
  }
  return seen;
}

function seenKey(endpointId: string, model: string): string {
  return JSON.stringify([endpointId, model]);
}

function lossesOf(places: readonly FleetPlace[], controlGroupOf: (vendor: string) => string): readonly Loss[] {
  const known = places.filter(({ vendor }) => vendor !== 'unknown');
  const vendors = new Set(known.map(({ vendor }) => vendor));
  // A group of one vendor is that vendor.
  const groups = new Set(
    known
      .map(({ vendor }) => controlGroupOf(vendor))
      .filter((group) => [...vendors].some((vendor) => controlGroupOf(vendor) === group && vendor !== group)),
  );
  const domains = new Set(places.flatMap(({ failureDomains }) => failureDomains));
  return [
    ...[...vendors].map((name): Loss => ({ lost: { by: 'vendor', name }, isLost: ({ vendor }) => vendor === name })),
    ...[...groups].map((name): Loss => ({ lost: { by: 'controlGroup', name }, isLost: ({ vendor }) => controlGroupOf(vendor) === name })),
    ...[...domains]
      .slice(0, mostDomains)
      .map((name): Loss => ({ lost: { by: 'failureDomain', name }, isLost: ({ failureDomains }) => failureDomains.includes(name) })),
  ];
}

/** Models that one vendor alone serves (or one control group, or nobody whose silicon is known): nothing stands in for it. */
export function withoutSecondSource(places: readonly FleetPlace[], controlGroupOf: (vendor: string) => string): readonly string[] {
  const groups = new Map<string, Set<string>>();
  for (const { models, vendor, evidence } of places) {
    if (evidence === 'emulated') continue;
    for (const model of models) {
      const known = groups.get(model) ?? new Set<string>();
      groups.set(model, known);
      if (vendor !== 'unknown') known.add(controlGroupOf(vendor));
    }
  }
  return [...groups]
    .filter(([, known]) => known.size < 2)
    .map(([model]) => model)
    .toSorted();
}
