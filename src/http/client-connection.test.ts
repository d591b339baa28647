import { expect, test } from 'vitest';
import { setImmediate as turn } from 'node:timers/promises';
import { Socket } from 'node:net';
import { ClientConnection } from './client-connection.ts';

const answer = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi';

/** A connection over a socket that only says what it is told to. */
function opened() {
  const heard: string[] = [];
  const socket = new Socket();
  socket.write = (): boolean => true;
  const connection = new ClientConnection(1000, { onIdle: () => heard.push('idle'), onClosed: () => heard.push('closed') });
  connection.attach(socket, false);
  const ask = (name: string): void =>
    connection.send(Buffer.from(name), {
      onHead: (status) => heard.push(`${name} ${status}`),
      onData: (bytes) => heard.push(`${name} ${Buffer.from(bytes).toString('latin1')}`),
      onEnd: () => heard.push(`${name} ended`),
      onError: (error) => heard.push(`${name} ${error.message}`),
    });
  const says = (text: string): boolean => socket.emit('data', Buffer.from(text));
  return { connection, socket, heard, ask, says };
}

test('a response that came in one turn, in however many pieces, is read at its end', async () => {
  const { heard, ask, says } = opened();
  ask('first');
  for (const piece of answer.match(/.{1,9}/gs) ?? []) says(piece);
  expect(heard).toEqual([]);
  await turn();
  expect(heard).toEqual(['first 200', 'first hi', 'first ended', 'idle']);
});

test('what stands behind a response costs its connection, and is no answer to a request of the same turn', async () => {
  const { heard, ask, says } = opened();
  ask('first');
  says(answer);
  says('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil');
  await turn();
  expect(heard).toEqual(['first 200', 'first hi', 'first ended', 'closed']);
});

test('bytes on an idle connection close it at once, before anybody could ask on it', async () => {
  const { heard, ask, says } = opened();
  ask('first');
  says(answer);
  await turn();
  says('HTTP/1.1 200 OK\r\n');
  expect(heard.slice(3)).toEqual(['idle', 'closed']);
});

test('a response whose connection ends in the same turn is whole, and the connection is not offered again', async () => {
  for (const last of ['end', 'close'] as const) {
    const { socket, heard, ask, says } = opened();
    ask('first');
    says(answer);
    socket.emit(last);
    expect(heard).toEqual(['first 200', 'first hi', 'first ended', 'closed']);
    await turn();
    expect(heard).toHaveLength(4);
  }
});

test('whoever broke the connection off hears nothing of what the turn had brought', async () => {
  const { connection, heard, ask, says } = opened();
  ask('first');
  says(answer);
  connection.destroy();
  await turn();
  expect(heard).toEqual(['closed']);
});

test('what a turn brings several connections is told each as its own, whatever each of them may keep of it', async () => {
  const part = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
  const open = (takes: number) => {
    const told: string[] = [];
    const kept: Uint8Array[] = [];
    const connection = new ClientConnection(1000, { onIdle: () => told.push('idle'), onClosed: () => told.push('closed') });
    const socket = new Socket();
    socket.write = (): boolean => true;
    connection.attach(socket, true);
    connection.send(Buffer.from('asked'), {
      onHead: () => {},
      onData: (bytes) => void kept.push(bytes),
      takeLent: (bytes, start, end) => {
        const taken = Math.min(end, start + takes);
        told.push(Buffer.from(bytes.slice(start, taken)).toString('latin1'));
        return taken;
      },
      onEnd: () => void told.push('ended'),
      onError: (error) => void told.push(error.message),
    });
    const { buffer } = connection.onread;
    const memory = buffer instanceof Uint8Array ? buffer : buffer();
    const reads = (text: string): void => {
      memory.set(Buffer.from(text));
      connection.onread.callback(text.length, memory);
    };
    return { told, reads, all: () => told.join('') + Buffer.concat(kept).toString('latin1') };
  };
  const [some, none, every] = [open(3), open(0), open(Infinity)];
  for (const one of [some, none, every]) one.reads('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
  await turn();
  some.reads(part('some of it'));
  none.reads(part('one ').slice(0, 4));
  every.reads(part('all of '));
  none.reads(part('one ').slice(4) + part('two'));
  every.reads(part('this'));
  await turn();
  every.reads(`${part('!')}0\r\n\r\n`);
  some.reads(part('x'.repeat(60_000)));
  await turn();
  expect(some.told.slice(0, 2)).toEqual(['som', 'xxx']);
  expect(some.all()).toBe(`somxxxe of it${'x'.repeat(59_997)}`);
  expect(none.all()).toBe('one two');
  expect(every.told).toEqual(['all of ', 'this', '!', 'ended', 'idle']);
});
