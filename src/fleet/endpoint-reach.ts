/** By which certificates an endpoint and this gateway know each other. All certificates and keys are PEM text. */
export interface EndpointTls {
  /** The only authorities whose signature counts; undefined: the public ones. */
  readonly authorities: string | undefined;
  /** What this gateway shows where the endpoint asks who is there (mTLS). */
  readonly client: { readonly certificate: string; readonly key: string } | undefined;
  /** The name that its certificate must carry, where that is not the name by which it is reached. */
  readonly serverName: string | undefined;
}

/** An HTTP proxy that opens a tunnel to an endpoint (`CONNECT`, RFC 9110 section 9.3.6). */
export interface ProxyAddress {
  readonly host: string;
  readonly port: number;
  /** Whether the proxy itself is spoken to over TLS. */
  readonly isSecure: boolean;
  /** `user:password`; only `upstream/` reads it. */
  readonly credentials: string | undefined;
  /** The certificates of a connection to the proxy itself. */
  readonly tls: EndpointTls | undefined;
}

/** How an endpoint is reached beyond its address; each member undefined where nothing special is needed. */
export interface EndpointReach {
  readonly tls: EndpointTls | undefined;
  readonly proxy: ProxyAddress | undefined;
}
