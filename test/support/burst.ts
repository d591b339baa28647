import { Agent, request } from 'node:http';

export interface BurstAnswer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** Sends one request; `leaveAfterMs` breaks the connection instead of waiting for the end. Resolves to undefined where it broke. */
export function send(
  url: string,
  body: string,
  agent: Agent,
  leaveAfterMs?: number,
  headers: Record<string, string> = {},
): Promise<BurstAnswer | undefined> {
  return new Promise((resolve) => {
    const sent = request(url, { method: 'POST', agent, headers: { 'content-type': 'application/json', ...headers } }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString() }));
      response.on('error', () => resolve(undefined));
    });
    sent.on('error', () => resolve(undefined));
    sent.end(body);
    if (leaveAfterMs !== undefined) setTimeout(() => sent.destroy(), leaveAfterMs);
  });
}

export function burstAgent(sockets: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: sockets });
}
