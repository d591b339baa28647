import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export type DnsRecord =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'SRV'; readonly target: string; readonly port: number };

/** What a name service says of a name: records, that there is no such name, that it is broken, or nothing at all. */
export type DnsAnswer = readonly DnsRecord[] | 'no-such-name' | 'broken' | 'silent';

export interface DnsServer {
  /** `address:port`, as `setServers` takes it. */
  readonly server: string;
  readonly questions: () => number;
  readonly stop: () => Promise<void>;
}

const typeNumbers = { A: 1, AAAA: 28, SRV: 33 } as const;
const responseCodes = { broken: 2, 'no-such-name': 3 } as const;

/** A name service over UDP on loopback (RFC 1035, 3596, 2782): enough of one for questions with one name. */
export async function startDnsServer(answer: (name: string) => DnsAnswer): Promise<DnsServer> {
  const socket = createSocket('udp4');
  let questions = 0;
  socket.on('message', (message, from) => {
    questions += 1;
    const { name, type, end } = readQuestion(message);
    const said = answer(name);
    if (said === 'silent') return;
    const records = typeof said === 'string' ? [] : said.filter((record) => typeNumbers[record.type] === type);
    const header = Buffer.from(message.subarray(0, 12));
    header.writeUInt16BE(0x8400 | (typeof said === 'string' ? responseCodes[said] : 0), 2);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([header, message.subarray(12, end), ...records.map(writeRecord)]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    server: `127.0.0.1:${socket.address().port}`,
    questions: () => questions,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

function readQuestion(message: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

function writeRecord(record: DnsRecord): Buffer {
  const data = dataOf(record);
  const head = Buffer.alloc(12);
  // The name is that of the question, which stands at offset 12.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(typeNumbers[record.type], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function dataOf(record: DnsRecord): Buffer {
  if (record.type === 'SRV') {
    const labels = record.target.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
    const fixed = Buffer.alloc(6);
    fixed.writeUInt16BE(record.port, 4);
    return Buffer.concat([fixed, ...labels, Buffer.of(0)]);
  }
  if (record.type === 'A') return Buffer.from(record.address.split('.').map(Number));
  return Buffer.from(record.address.split(':').flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]));
}
