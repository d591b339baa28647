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
