import { createServer, type Server } from 'node:https';
import { expect, onTestFinished, test } from 'vitest';
import { gatewayOver, scripted } from '../support/started.ts';
import { jsonResponse } from '../support/scripted-upstream.ts';
import { makeAuthority } from '../support/certificates.ts';
import { startConnectProxy, type ConnectProxy, type ProxyRules } from '../support/connect-proxy.ts';
import type { EndpointReach } from '../../src/fleet/endpoint-reach.ts';
import type { TestGateway } from '../support/test-gateway.ts';

const authority = makeAuthority('Corporate');
const clients = makeAuthority('Clients');

function answer(said: string): string {
  const choice = { index: 0, message: { role: 'assistant', content: said }, finish_reason: 'stop' };
  return JSON.stringify({
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'up',
    choices: [choice],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  });
}

/** An endpoint that lets only our own clients in, and says who came, over which connection. */
async function secureEndpoint(): Promise<number> {
  const { certificate: cert, key } = authority.issue(['api.example']);
  const server: Server = createServer({ cert, key, ca: clients.certificate, requestCert: true, rejectUnauthorized: true }, (request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(answer(`${request.headers.host} ${request.socket.remotePort}`));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

async function proxy(rules: ProxyRules): Promise<ConnectProxy> {
  const started = await startConnectProxy(rules);
  onTestFinished(started.stop);
  return started;
}

function reachBy({ port }: ConnectProxy, client = clients.issue(['gateway'])): EndpointReach {
  return {
    tls: { authorities: authority.certificate, client, serverName: undefined },
    proxy: { host: '127.0.0.1', port, isSecure: false, credentials: 'user:pass', tls: undefined },
  };
}

async function ask({ url }: TestGateway): Promise<string> {
  const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
  const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const text = await response.text();
  return response.ok ? (/"content":"([^"]*)"/.exec(text)?.[1] ?? text) : `${response.status} ${text}`;
}

test('through a proxy, with a private authority and a client certificate, requests share one kept tunnel', async () => {
  const between = await proxy({ ports: { 'api.example:443': await secureEndpoint() } });
  const gate = await gatewayOver([{ id: 'one', origin: 'https://api.example', allowPrivate: false, reach: reachBy(between) }]);
  const first = await ask(gate);
  expect(first).toMatch(/^api\.example \d+$/);
  expect(await ask(gate)).toBe(first);
  expect(between.seen).toHaveLength(1);
});

test('a proxy that wants other credentials sets the endpoint aside; another one answers, and no client reads of proxies', async () => {
  const between = await proxy({ ports: {}, answer: () => 'HTTP/1.1 407 Proxy Authentication Required\r\n\r\n' });
  const alone = await gatewayOver([{ id: 'one', origin: 'https://api.example', reach: reachBy(between) }]);
  const told = await ask(alone);
  expect(told).toMatch(/^503 /);
  expect(told).not.toMatch(/proxy|407/i);
  expect(alone.fleet.status()[0]).toMatchObject({
    state: 'ejected',
    lastFault: { what: 'PROXY_FORBIDDEN: the proxy: it wants other credentials (status 407)' },
  });
  const other = await scripted({ pieces: [jsonResponse(200, answer('other'))], end: 'keep' });
  const both = await gatewayOver([
    { id: 'one', origin: 'https://api.example', reach: reachBy(between) },
    { id: 'two', origin: other.origin },
  ]);
  for (let n = 0; n < 3; n += 1) expect(await ask(both)).toBe('other');
});

test('an endpoint that does not know the gateway’s certificate is a TLS fault, and nobody waits for it', async () => {
  const between = await proxy({ ports: { 'api.example:443': await secureEndpoint() } });
  const gate = await gatewayOver([
    { id: 'one', origin: 'https://api.example', reach: reachBy(between, makeAuthority('Strangers').issue(['gateway'])) },
  ]);
  expect(await ask(gate)).toMatch(/^50[234] /);
});
