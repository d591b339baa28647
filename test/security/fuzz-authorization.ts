import { connect, type Socket } from 'node:net';

/** A small generator of its own, so that a seed printed by a failure repeats the run whatever a library does. */
function randomBy(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const injections = [
  "' OR '1'='1",
  "'; DROP TABLE charges; --",
  '" OR ""="',
  "' UNION SELECT key FROM keys --",
  '${jndi:ldap://127.0.0.1/a}',
  '{{7*7}}',
  '../../../../etc/passwd',
  '%00',
  '%0d%0aX-Injected: 1',
  '__proto__',
  'constructor',
  'null',
  'undefined',
  'true',
  '[object Object]',
  '*',
  '',
];

/** A value of the header, as Latin-1 text without a line's end: injections, near misses of the key, noise of all sorts. */
function draw(random: (below: number) => number, key: string): string {
  const pick = <Item>(items: readonly Item[], fallback: Item): Item => items[random(items.length)] ?? fallback;
  const noise = (length: number, from: number, range: number): string =>
    Array.from({ length }, () => String.fromCharCode(from + random(range))).join('');
  const scheme = pick(['Bearer ', 'bearer ', 'BEARER  ', 'Bearer', 'Basic ', '', 'Bearer\t', 'Bearer Bearer ', 'Token '], '');
  const at = random(key.length + 1);
  const changed = `${key.slice(0, at)}${noise(1, 0x21, 0x5e)}${key.slice(at + 1)}`;
  const nearMiss = pick([key.slice(0, at), key + noise(1, 0x21, 0x5e), changed, key.toUpperCase(), `${key} ${key}`, `${key},${key}`], '');
  const value = pick([nearMiss, pick(injections, ''), noise(random(64), 0x20, 0x5f), noise(random(64), 0x80, 0x80), noise(random(8), 0, 0x20)], '');
  return `${scheme}${value}`.replaceAll(/[\r\n]/g, '');
}

export interface FuzzedHeaders {
  readonly sent: number;
  readonly statuses: Readonly<Record<number, number>>;
  /** Values that were answered with anything but 400 or 401 though they hold no key, or the other way round. */
  readonly wrong: readonly string[];
}

/** Sends so many values to a gateway that knows one key, over a few kept connections, and says what was answered wrongly. */
export async function fuzzAuthorization(url: string, key: string, count: number, seed: number): Promise<FuzzedHeaders> {
  const random = randomBy(seed);
  const statuses: Record<number, number> = {};
  const wrong: string[] = [];
  const lanes = 32;
  const isKey = (value: string): boolean => new RegExp(`^bearer +${key} *$`, 'i').test(value) && value.includes(key);
  const values = Array.from({ length: lanes }, () => Array.from({ length: Math.ceil(count / lanes) }, () => draw(random, key)));
  const one = async (lane: readonly string[]): Promise<void> => {
    let socket: Socket | undefined;
    for (const value of lane) {
      socket ??= await opened(Number(new URL(url).port));
      const status = await asked(socket, value);
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (isKey(value) ? status !== 200 : status !== 400 && status !== 401) wrong.push(`${status}: ${JSON.stringify(value)}`);
      if (socket.destroyed || socket.readableEnded || status !== 200) {
        socket.destroy();
        socket = undefined;
      }
    }
    socket?.destroy();
  };
  await Promise.all(values.map(one));
  return { sent: values.flat().length, statuses, wrong };
}

function opened(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

function asked(socket: Socket, value: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = '';
    const read = (part: Buffer): void => {
      received += part.toString('latin1');
      const [, status] = /^HTTP\/1\.1 (\d{3}) [\s\S]*?\r\n\r\n[\s\S]/.exec(received) ?? [];
      if (status === undefined) return;
      socket.off('data', read);
      resolve(Number(status));
    };
    socket.on('data', read);
    socket.once('close', () => reject(new Error(`closed without an answer to ${JSON.stringify(value)}`)));
    socket.write(`GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${value}\r\n\r\n`, 'latin1');
  });
}
