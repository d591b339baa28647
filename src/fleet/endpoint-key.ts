/** One of several keys of a vendor account, with the limits that its owner knows of. */
export interface EndpointKey {
  /** For status and logs, where the key itself never stands. */
  readonly name: string;
  /** Only `upstream/` reads it. */
  readonly key: string;
  /** Whether its throughput is paid for anyway, so that it is used before others. */
  readonly provisioned: boolean;
  readonly requestsPerMinute?: number | undefined;
  readonly requestsPerDay?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
}
