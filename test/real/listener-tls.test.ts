import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { chunk, event, lastChunk, streamHead } from '../support/scripted-upstream.ts';
import { makeAuthority } from '../support/certificates.ts';
import { startHeldUpstream } from '../support/held-upstream.ts';
import { startProduct } from '../support/start-product.ts';

const authority = makeAuthority('Test authority');

interface Asked {
  readonly serial: string;
  readonly text: () => string;
  readonly ended: Promise<string>;
}

/** A request on a connection of its own; resolves at the first bytes of its answer. */
function ask(url: string, body?: string): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      ca: authority.certificate,
      agent: new Agent({ keepAlive: false }),
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
    });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString('utf8')));
      const ended = new Promise<string>((settle) => {
        response.on('end', () => settle('proper'));
        response.on('error', (error) => settle(error.message));
      });
      const serial = response.socket instanceof TLSSocket ? (response.socket.getPeerX509Certificate()?.serialNumber ?? '') : '';
      resolve({ serial, text: () => text, ended });
    });
    asked.end(body);
  });
}

test('a renewed certificate and SIGHUP: a running stream goes on to its end, and the next connection gets the new one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'second-source-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const renew = (): void => {
    const { certificate, key } = authority.issue(['127.0.0.1']);
    writeFileSync(join(folder, 'cert.pem'), certificate);
    writeFileSync(join(folder, 'key.pem'), key);
  };
  renew();
  const upstream = await startHeldUpstream();
  onTestFinished(upstream.stop);
  const config = {
    listen: { tls: { cert: 'cert.pem', key: 'key.pem' } },
    endpoints: [{ id: 'held', url: upstream.origin, models: [{ name: 'm' }] }],
    ledger: { directory: 'ledger' },
  };
  writeFileSync(join(folder, 'c.yaml'), JSON.stringify(config));
  const product = await startProduct(['up', '--config', join(folder, 'c.yaml'), '--port', '0']);
  onTestFinished(product.stop);
  expect(product.url).toMatch(/^https:/);
  const streaming = ask(
    `${product.url}/v1/chat/completions`,
    JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hi' }] }),
  );
  const call = await upstream.next();
  const said = (delta: object, reason: string | null = null): string =>
    chunk(
      event(
        JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: reason }] }),
      ),
    );
  await call.write(streamHead + said({ role: 'assistant', content: 'before' }));
  const stream = await streaming;
  await expect.poll(stream.text).toContain('before');
  renew();
  product.signal('SIGHUP');
  await expect.poll(product.output).toContain('new connections get the renewed certificate');
  expect((await ask(`${product.url}/health`)).serial).not.toBe(stream.serial);
  await call.write(said({ content: 'after' }) + said({}, 'stop') + chunk(event('[DONE]')) + lastChunk);
  expect(await stream.ended).toBe('proper');
  expect(stream.text()).toMatch(/before[\s\S]*after[\s\S]*\[DONE\]/);
});
