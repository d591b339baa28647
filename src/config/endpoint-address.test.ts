import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endpointAddress } from './endpoint-address.ts';
import { hostReach, isAllowedAddress, type HostReach } from './host-reach.ts';

test.each([
  ['https://api.example.com', 'https://api.example.com', '/v1'],
  ['https://api.example.com/', 'https://api.example.com', '/v1'],
  ['https://api.example.com/v1', 'https://api.example.com', '/v1'],
  ['https://api.example.com/v1/', 'https://api.example.com', '/v1'],
  ['https://api.groq.com/openai', 'https://api.groq.com', '/openai/v1'],
  ['https://generativelanguage.googleapis.com/v1beta/openai', 'https://generativelanguage.googleapis.com', '/v1beta/openai'],
  ['HTTP://LOCALHOST:8000', 'http://localhost:8000', '/v1'],
  ['http://[::1]:8000/v1', 'http://[::1]:8000', '/v1'],
  ['http://10.1.2.3', 'http://10.1.2.3', '/v1'],
])('S9: %s is read as origin and base path', (given, origin, basePath) => {
  const resolved = endpointAddress(given, undefined);
  expect(resolved.ok ? resolved.value.address : resolved.failure).toEqual({ kind: 'url', origin, basePath });
});

test.each([
  'http://127.1',
  'http://2130706433',
  'http://0x7f000001',
  'http://0177.0.0.1',
  'http://①②⑦.⓪.⓪.①',
  'http:\\\\127.0.0.1',
  'http://127。0。0。1',
  'http://127.0.0.1.',
  'hTTp:/127.0.0.1',
  ' http://127.0.0.1 ',
  'http://127.0.0.1:80',
  'http://%31%32%37.0.0.1',
  'http://127.0.0.\t1',
])('S9: %s is seen to be this machine', (given) => {
  const resolved = endpointAddress(given, undefined);
  expect(resolved.ok && resolved.value.address.origin).toBe('http://127.0.0.1');
  expect(endpointAddress(given, false).ok).toBe(false);
});

test.each([
  'ftp://a.example',
  'file:///etc/passwd',
  'gopher://a.example',
  'javascript:alert(1)',
  '//a.example',
  'a.example',
  'https://user@a.example',
  'https://:word@a.example',
  'https://a.example/#x',
  'https://a.example/#',
  'https://a.example/?x=1',
  'https://a.example?',
  'https://',
  'https://a b.example',
  'https://a.example:99999',
  'http://a.example',
  'http://8.8.8.8',
  'http://169.254.169.254/latest/meta-data',
  'http://[::ffff:169.254.169.254]',
  'http://[64:ff9b::a9fe:a9fe]',
  'http://0',
  'http://0.0.0.0:8000',
  'http://[::]:8000',
])('S9: %s is no address of an endpoint', (given) => {
  expect(endpointAddress(given, undefined).ok).toBe(false);
});

test.each<[string, HostReach]>([
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['[::1]', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['[::ffff:127.0.0.1]', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['::ffff:0:127.0.0.1', 'loopback'],
  ['64:ff9b::127.0.0.1', 'loopback'],
  ['64:ff9b::7f00:1', 'loopback'],
  ['2002:7f00:1::', 'loopback'],
  ['localhost', 'loopback'],
  ['localhost.', 'loopback'],
  ['LOCALHOST', 'loopback'],
  ['x.localhost', 'loopback'],
  ['10.0.0.1', 'private'],
  ['192.168.1.1', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.0.1', 'private'],
  ['100.64.0.1', 'private'],
  ['100.127.255.255', 'private'],
  ['192.0.0.8', 'private'],
  ['198.19.0.1', 'private'],
  ['[fd00::1]', 'private'],
  ['fec0::1', 'private'],
  ['64:ff9b::10.0.0.1', 'private'],
  ['64:ff9b:1::a00:1', 'private'],
  ['2002:a00:1::1', 'private'],
  ['::ffff:192.168.1.1', 'private'],
  ['172.32.0.1', 'public'],
  ['100.128.0.1', 'public'],
  ['8.8.8.8', 'public'],
  ['2606:4700::1111', 'public'],
  ['64:ff9b::8.8.8.8', 'public'],
  ['::ffff:8.8.8.8', 'public'],
  ['2002:808:808::1', 'public'],
  ['example.com', 'public'],
  ['localhost.example.com', 'public'],
  ['169.254.169.254', 'forbidden'],
  ['::ffff:169.254.169.254', 'forbidden'],
  ['64:ff9b::169.254.169.254', 'forbidden'],
  ['2002:a9fe:a9fe::', 'forbidden'],
  ['100.100.100.200', 'forbidden'],
  ['168.63.129.16', 'forbidden'],
  ['fd00:ec2::254', 'forbidden'],
  ['[fe80::1]', 'forbidden'],
  ['fe80::1%eth0', 'forbidden'],
  ['0.0.0.0', 'forbidden'],
  ['[::]', 'forbidden'],
  ['::127.0.0.1', 'forbidden'],
  ['::a00:1', 'forbidden'],
  ['2001:0:5ef5:79fd::1', 'forbidden'],
  ['224.0.0.1', 'forbidden'],
  ['255.255.255.255', 'forbidden'],
  ['ff02::1', 'forbidden'],
])('S10: %s is %s', (host, reach) => {
  expect(hostReach(host)).toBe(reach);
});

test('S10: fuzz: an IPv4 address is as far away however IPv6 writes it, and a forbidden one is allowed to nobody', () => {
  const byte = fc.integer({ min: 0, max: 255 });
  fc.assert(
    fc.property(fc.tuple(byte, byte, byte, byte), (bytes) => {
      const plain = bytes.join('.');
      const [high, low] = [(bytes[0] << 8) | bytes[1], (bytes[2] << 8) | bytes[3]].map((group) => group.toString(16));
      const reach = hostReach(plain);
      for (const written of [`::ffff:${plain}`, `::ffff:${high}:${low}`, `64:ff9b::${plain}`, `::ffff:0:${plain}`, `2002:${high}:${low}::5`])
        expect([written, hostReach(written)]).toEqual([written, reach]);
      expect(isAllowedAddress(plain, true)).toBe(reach !== 'forbidden');
      expect(isAllowedAddress(plain, false)).toBe(reach === 'public');
    }),
    { numRuns: 2000 },
  );
});

test('S9: a name over http needs the operator’s word that it is private', () => {
  expect(endpointAddress('http://vllm:8000', undefined).ok).toBe(false);
  expect(endpointAddress('http://vllm:8000', true)).toMatchObject({ ok: true, value: { allowPrivate: true } });
});
