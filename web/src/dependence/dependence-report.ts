import { isRecord } from '../is-record.ts';

const capStates = ['below-minimum', 'room', 'near', 'binding', 'yielding'] as const;
export type CapState = (typeof capStates)[number];
const measures = ['tokens', 'requests', 'usd'] as const;
const capKinds = ['hard', 'soft'] as const;
const groupKinds = ['vendor', 'controlGroup', 'chip', 'endpoint', 'failureDomain'] as const;

/** What a cap or a loss is about. */
export interface Group {
  readonly by: (typeof groupKinds)[number];
  readonly name: string;
}

export interface VendorShare {
  readonly vendor: string;
  readonly controlGroup: string;
  /** Of all tokens, 0 to 1. */
  readonly share: number;
  readonly tokens: number;
  readonly requests: number;
  readonly usd: number | undefined;
  /** Tokens by how it is known whose they are. */
  readonly evidence: ReadonlyMap<string, number>;
}

export interface CapStanding {
  readonly group: Group;
  readonly measure: (typeof measures)[number];
  readonly kind: (typeof capKinds)[number];
  readonly most: number;
  readonly windowMs: number;
  readonly share: number;
  readonly state: CapState;
  readonly displaced: {
    readonly requests: number;
    readonly tokens: number;
    readonly extraUsd: number | undefined;
    readonly extraTtftMs: number | undefined;
  };
}

export interface OutageBound {
  readonly model: string;
  readonly sloClass: string;
  readonly lost: Group;
  /** A lower bound on the part of the peak load that the rest could serve, 0 to 1. */
  readonly atLeast: number;
  readonly peakTokensPerSecond: number;
  readonly leftOut: readonly { readonly endpointId: string; readonly why: string }[];
}

export interface TokensAt {
  readonly atWallMs: number;
  readonly tokens: ReadonlyMap<string, number>;
}

/** How much depends on whom, as the gateway reports it. */
export interface DependenceReport {
  readonly asOfWallMs: number;
  readonly windowMs: number;
  readonly sentence: string;
  /** The largest first. */
  readonly shares: readonly VendorShare[];
  readonly emulatedTokens: number;
  readonly concentration: { readonly vendor: number | undefined; readonly controlGroup: number | undefined };
  readonly caps: readonly CapStanding[];
  readonly overTime: { readonly bucketMs: number; readonly points: readonly TokensAt[] };
  readonly outages: readonly OutageBound[];
  readonly withoutSecondSource: readonly string[];
}

/** Reads the body of GET /control/v1/dependence; undefined where it is not of that shape. */
export function readDependence(body: unknown): DependenceReport | undefined {
  if (!isRecord(body) || !isRecord(body['concentration'])) return undefined;
  const { asOfWallMs, windowMs, sentence, emulatedTokens } = body;
  const shares = allOf(body['shares'], readShare);
  const caps = allOf(body['caps'], readCap);
  const overTime = readOverTime(body['overTime']);
  const outages = allOf(body['outages'], readOutage);
  const withoutSecondSource = allOf(body['withoutSecondSource'], readText);
  if (!isFigure(asOfWallMs) || !isFigure(windowMs) || typeof sentence !== 'string' || !isFigure(emulatedTokens)) return undefined;
  if (shares === undefined || caps === undefined || overTime === undefined) return undefined;
  if (outages === undefined || withoutSecondSource === undefined) return undefined;
  return {
    asOfWallMs,
    windowMs,
    sentence,
    shares: shares.toSorted((one, other) => other.share - one.share),
    emulatedTokens,
    concentration: { vendor: knownFigure(body['concentration']['vendor']), controlGroup: knownFigure(body['concentration']['controlGroup']) },
    caps,
    overTime,
    outages,
    withoutSecondSource,
  };
}

function readShare(value: unknown): VendorShare | undefined {
  if (!isRecord(value)) return undefined;
  const { vendor, controlGroup, share, tokens, requests, usd } = value;
  const evidence = readFigures(value['evidence']);
  if (typeof vendor !== 'string' || typeof controlGroup !== 'string' || evidence === undefined) return undefined;
  if (!isFigure(share) || !isFigure(tokens) || !isFigure(requests)) return undefined;
  return { vendor, controlGroup, share, tokens, requests, usd: knownFigure(usd), evidence };
}

function readCap(value: unknown): CapStanding | undefined {
  if (!isRecord(value) || !isRecord(value['displaced'])) return undefined;
  const { most, windowMs, share } = value;
  const { requests, tokens, extraUsd, extraTtftMs } = value['displaced'];
  const group = readGroup(value['group']);
  const measure = measures.find((known) => known === value['measure']);
  const kind = capKinds.find((known) => known === value['kind']);
  const state = capStates.find((known) => known === value['state']);
  if (group === undefined || measure === undefined || kind === undefined || state === undefined) return undefined;
  if (!isFigure(most) || !isFigure(windowMs) || !isFigure(share) || !isFigure(requests) || !isFigure(tokens)) return undefined;
  const displaced = { requests, tokens, extraUsd: knownFigure(extraUsd), extraTtftMs: knownFigure(extraTtftMs) };
  return { group, measure, kind, most, windowMs, share, state, displaced };
}

function readOverTime(value: unknown): DependenceReport['overTime'] | undefined {
  if (!isRecord(value)) return undefined;
  const { bucketMs } = value;
  const points = allOf(value['points'], readPoint);
  return isFigure(bucketMs) && points !== undefined
    ? { bucketMs, points: points.toSorted((one, other) => one.atWallMs - other.atWallMs) }
    : undefined;
}

function readPoint(value: unknown): TokensAt | undefined {
  if (!isRecord(value)) return undefined;
  const { atWallMs } = value;
  const tokens = readFigures(value['tokens']);
  return isFigure(atWallMs) && tokens !== undefined ? { atWallMs, tokens } : undefined;
}

function readOutage(value: unknown): OutageBound | undefined {
  if (!isRecord(value)) return undefined;
  const { model, sloClass, atLeast, peakTokensPerSecond } = value;
  const lost = readGroup(value['lost']);
  const leftOut = allOf(value['leftOut'], readLeftOut);
  if (typeof model !== 'string' || typeof sloClass !== 'string' || lost === undefined || leftOut === undefined) return undefined;
  return isFigure(atLeast) && isFigure(peakTokensPerSecond) ? { model, sloClass, lost, atLeast, peakTokensPerSecond, leftOut } : undefined;
}

function readLeftOut(value: unknown): OutageBound['leftOut'][number] | undefined {
  if (!isRecord(value)) return undefined;
  const { endpointId, why } = value;
  return typeof endpointId === 'string' && typeof why === 'string' ? { endpointId, why } : undefined;
}

function readGroup(value: unknown): Group | undefined {
  if (!isRecord(value)) return undefined;
  const { name } = value;
  const by = groupKinds.find((known) => known === value['by']);
  return by !== undefined && typeof name === 'string' ? { by, name } : undefined;
}

/** Names with figures, kept in a map, where a vendor called `__proto__` is a name like any other. */
function readFigures(value: unknown): ReadonlyMap<string, number> | undefined {
  if (!isRecord(value)) return undefined;
  const figures = new Map<string, number>();
  for (const [name, figure] of Object.entries(value)) {
    if (!isFigure(figure)) return undefined;
    figures.set(name, figure);
  }
  return figures;
}

function allOf<T>(value: unknown, read: (item: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const all: T[] = [];
  for (const item of value) {
    const one = read(item);
    if (one === undefined) return undefined;
    all.push(one);
  }
  return all;
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** JSON may hold 1e999, which is parsed as infinite. */
function isFigure(value: unknown): value is number {
  return Number.isFinite(value);
}

/** A figure that may be unknown: null or absent. */
function knownFigure(value: unknown): number | undefined {
  return isFigure(value) ? value : undefined;
}
