import { z } from 'zod';
import { identifier, secretReference, wholeNumber } from './schema-parts.ts';

const pemPath = z.string().min(1).max(4096);
const hostName = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?$/, 'the name of a host, such as `api.example.com`');
const proxyCredentials = secretReference
  .optional()
  .describe('What the proxy wants to know, `user:password`, as `env:NAME` or `file:PATH`. Sent as Basic credentials.');

/** How all endpoints are reached, unless one says otherwise. */
export const networkSchema = z.strictObject({
  proxy: z
    .string()
    .min(1)
    .max(2048)
    .optional()
    .describe(
      'HTTP proxy on the way to all endpoints, such as `http://proxy.example:3128`; `environment` takes it from HTTPS_PROXY, HTTP_PROXY and NO_PROXY. Default: none, whatever the environment says.',
    ),
  proxyCredentials,
  noProxy: z
    .array(z.string().min(1).max(253))
    .max(1000)
    .default([])
    .describe(
      'Hosts that are reached without it: names (with all names below them), addresses, networks such as `10.0.0.0/8`, each with `:port` at will. This machine always is.',
    ),
  ca: pemPath.optional().describe('File of certificates (PEM) of authorities to trust beside the public ones, for endpoints and proxies.'),
});

export const endpointTlsSchema = z.strictObject({
  ca: pemPath
    .optional()
    .describe('File of certificates (PEM) of the only authorities that may have signed its certificate. Default: the public ones, and `network.ca`.'),
  cert: pemPath.optional().describe('File of the certificate (PEM, with its chain) that the gateway shows where the endpoint asks for one (mTLS).'),
  key: pemPath.optional().describe('File of the private key (PEM, not encrypted) of `cert`.'),
  serverName: hostName.optional().describe('The name that its certificate carries. Default: the host of `url`.'),
});

export const listenTlsSchema = z.strictObject({
  cert: pemPath.describe('File of the certificate (PEM, with its chain).'),
  key: pemPath.describe('File of its private key (PEM, not encrypted).'),
  clientCa: pemPath
    .optional()
    .describe('File of certificates (PEM) of authorities: only clients with a certificate that one of them signed are let in (mTLS).'),
});

/** Members of an endpoint that say how it is reached. */
export const endpointReachShape = {
  tls: endpointTlsSchema.optional().describe('Certificates on the way to it.'),
  proxy: z.string().min(1).max(2048).optional().describe('HTTP proxy on the way to it, or `none`. Default: `network.proxy`.'),
  proxyCredentials,
};

const requests = wholeNumber(1, 1_000_000_000).optional();

export const endpointKeySchema = z.strictObject({
  name: identifier.describe('Name of the key, for status and logs, where the key itself never stands.'),
  key: secretReference.describe('The key, as `env:NAME` or `file:PATH`.'),
  provisioned: z
    .boolean()
    .default(false)
    .describe('Whether its throughput is paid for anyway: such keys are used first, and the others take what is over.'),
  requestsPerMinute: requests.describe('Requests that it may make a minute. Default: what the endpoint’s headers tell.'),
  requestsPerDay: requests.describe('Requests that it may make a day.'),
  tokensPerMinute: requests.describe('Tokens, prompts and answers together, that it may use a minute.'),
});

const kubernetesSchema = z.strictObject({
  service: hostName.describe('Name of the Service.'),
  namespace: hostName.optional().describe('Its namespace. Default: the gateway’s own.'),
  port: z
    .string()
    .max(63)
    .regex(/^[a-z0-9-]+$/, 'the name of a port of the Service')
    .optional()
    .describe('Name of its port. Default: the only one.'),
});

export const discoverSchema = z.strictObject({
  dns: hostName.optional().describe('A name with an address (A, AAAA) for each replica.'),
  srv: hostName.optional().describe('A name with an SRV record for each replica, such as `_http._tcp.vllm.example`.'),
  kubernetes: kubernetesSchema.optional().describe('A Service of the cluster that the gateway runs in, by its EndpointSlices.'),
  port: wholeNumber(1, 65_535).optional().describe('Port of the replicas, with `dns`. Default: that of `url`.'),
  everyMs: wholeNumber(500, 3_600_000).default(5000).describe('How often names are asked for; EndpointSlices are watched besides.'),
  mostReplicas: wholeNumber(1, 1000).default(100).describe('More than so many are left out.'),
});
