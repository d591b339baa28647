import { expect, test } from 'vitest';
import { answeringEndpoint, lostTogether, readEndpoints, readModels, type EndpointStatus } from './endpoint-status.ts';

const one: EndpointStatus = {
  id: 'engine-1',
  vendor: 'amd',
  chip: 'AMD EPYC 9B14',
  evidence: 'measured',
  models: ['demo'],
  state: 'ready',
  running: 0,
  failureDomains: [],
  lastFault: undefined,
};

test('a list with an endpoint in a state that nobody knows is not understood', () => {
  expect(readEndpoints({ endpoints: [{ ...one, lastFault: null }] })).toEqual([one]);
  expect(readEndpoints({ endpoints: [{ ...one, state: 'melting' }] })).toBeUndefined();
  expect(readEndpoints({ endpoints: {} })).toBeUndefined();
});

test('the models are the ids of the list', () => {
  expect(readModels({ models: ['demo'] })).toEqual(['demo']);
  expect(readModels({ models: [{ name: 'demo' }] })).toBeUndefined();
});

test('the endpoint that the headers named answers, until it is unplugged or down', () => {
  const busy: EndpointStatus = { ...one, id: 'engine-2', running: 1 };
  expect(answeringEndpoint('engine-1', 'demo', [one, busy])).toBe('engine-1');
  expect(answeringEndpoint('engine-1', 'demo', [{ ...one, state: 'ejected' }, busy])).toBe('engine-1');
  expect(answeringEndpoint('engine-1', 'demo', [{ ...one, state: 'unplugged' }, busy])).toBe('engine-2');
  expect(answeringEndpoint('engine-1', 'demo', [{ ...one, state: 'down' }, busy])).toBe('engine-2');
});

test('an endpoint that runs nothing, is not ready or serves another model is never taken for the one that answers', () => {
  const busy: EndpointStatus = { ...one, running: 1 };
  expect(answeringEndpoint(undefined, 'demo', [one, { ...busy, state: 'ejected' }, { ...busy, models: ['other'] }])).toBeUndefined();
});

test('endpoints are lost together where they share a failure domain', () => {
  const other: EndpointStatus = { ...one, id: 'engine-2', failureDomains: ['process 2', 'host'] };
  const cloud: EndpointStatus = { ...one, id: 'cloud', failureDomains: ['region'] };
  expect(lostTogether({ ...one, failureDomains: ['process 1', 'host'] }, [one, other, cloud])).toEqual(['engine-2']);
  expect(lostTogether(cloud, [one, other, cloud])).toEqual([]);
});
