/** What a cap or an outage is about. A failure domain is what endpoints share: a host, a rack, a region, a cloud. */
export type ShareGroupKind = 'vendor' | 'controlGroup' | 'chip' | 'endpoint';

export interface ShareGroup {
  readonly by: ShareGroupKind;
  readonly name: string;
}

export type ShareMeasure = 'tokens' | 'requests' | 'usd';

export interface VendorShare {
  readonly vendor: string;
  readonly controlGroup: string;
  /** Of all tokens, 0 to 1. Emulated tokens are in no share. */
  readonly share: number;
  readonly tokens: number;
  readonly requests: number;
  /** Undefined where any price is unknown. */
  readonly usd: number | undefined;
  /** How each part of its tokens is known to be its own, such as `{ measured: 1200, declared: 300 }`. */
  readonly evidence: Readonly<Record<string, number>>;
}

export interface CapStanding {
  readonly group: ShareGroup;
  readonly measure: ShareMeasure;
  readonly kind: 'hard' | 'soft';
  /** The most that is allowed, 0 to 1. */
  readonly most: number;
  readonly windowMs: number;
  /** In the current window, unknown silicon counted against it. */
  readonly share: number;
  /** `yielding`: a loss is declared, and the cap lets everything pass so as not to make an outage of it. */
  readonly state: 'below-minimum' | 'room' | 'near' | 'binding' | 'yielding';
  readonly displaced: {
    readonly requests: number;
    readonly tokens: number;
    readonly extraUsd: number | undefined;
    /** In the mean of the displaced requests, predicted. */
    readonly extraTtftMs: number | undefined;
  };
}

export interface OutageBound {
  readonly model: string;
  readonly sloClass: string;
  readonly lost: { readonly by: ShareGroupKind | 'failureDomain'; readonly name: string };
  /** A lower bound on the part of the window's peak load that the rest could serve within its SLO, 0 to 1. */
  readonly atLeast: number;
  readonly peakTokensPerSecond: number;
  /** Whose capacity was not counted, and why. */
  readonly leftOut: readonly { readonly endpointId: string; readonly why: string }[];
}

/** How much depends on whom, and what would happen without each (DESIGN §2: share, concentration, N-1). */
export interface DependenceReport {
  readonly asOfWallMs: number;
  readonly windowMs: number;
  /** How dependent it is, and what would happen without the largest vendor. */
  readonly sentence: string;
  readonly shares: readonly VendorShare[];
  /** Apart: emulated tokens are no vendor's. */
  readonly emulatedTokens: number;
  /** Herfindahl–Hirschman index, 1 means one; undefined without any token. */
  readonly concentration: { readonly vendor: number | undefined; readonly controlGroup: number | undefined };
  readonly caps: readonly CapStanding[];
  readonly overTime: {
    readonly bucketMs: number;
    readonly points: readonly { readonly atWallMs: number; readonly tokens: Readonly<Record<string, number>> }[];
  };
  readonly outages: readonly OutageBound[];
  /** Models of which one vendor has everything, named first. */
  readonly withoutSecondSource: readonly string[];
}
