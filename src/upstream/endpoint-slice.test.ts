import { expect, test } from 'vitest';
import { endpointSliceSchema, sliceReplicas } from './endpoint-slice.ts';

/** Shaped as in the published reference of EndpointSlice v1. */
function slice(more: object): ReturnType<typeof endpointSliceSchema.parse> {
  return endpointSliceSchema.parse({
    metadata: { name: 'vllm-abc' },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready: true } }],
    ports: [{ name: 'http', protocol: 'TCP', port: 8000 }],
    ...more,
  });
}

const http = { name: 'http', port: 8000 };
const metrics = { name: 'metrics', port: 9000 };

test.each<[string, object, string | undefined, readonly string[]]>([
  ['a ready pod', {}, undefined, ['10.1.2.3:8000']],
  [
    'one of whose readiness nobody knows',
    { endpoints: [{ addresses: ['10.1.2.3'] }, { addresses: ['10.1.2.4'], conditions: { ready: null } }] },
    undefined,
    ['10.1.2.3:8000', '10.1.2.4:8000'],
  ],
  [
    'one that is not ready, or ends',
    { endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready: false, serving: true, terminating: true } }] },
    undefined,
    [],
  ],
  ['one with two addresses', { endpoints: [{ addresses: ['10.1.2.3', '10.1.2.4'] }] }, undefined, ['10.1.2.3:8000']],
  ['IPv6', { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1'] }] }, undefined, ['fd00::1:8000']],
  ['names', { addressType: 'FQDN', endpoints: [{ addresses: ['x.example'] }] }, undefined, []],
  ['a named port', { ports: [metrics, http] }, 'http', ['10.1.2.3:8000']],
  ['two ports of which none was named', { ports: [metrics, http] }, undefined, []],
  ['a port that is not there', { ports: [metrics] }, 'http', []],
  ['a port without a number, which stands for all', { ports: [{ name: 'http', port: null }] }, 'http', []],
  ['no endpoints yet', { endpoints: null, ports: null }, undefined, []],
])('%s', (_what, more, portName, expected) => {
  expect(sliceReplicas(slice(more), portName).map(({ host, port }) => `${host}:${port}`)).toEqual(expected);
});
