import { expect, test } from 'vitest';
import { NameLookup, type ResolveName } from './name-lookup.ts';
import { virtualClock } from '../../test/support/virtual-clock.ts';

type Answer = { readonly address: string } | { readonly code: string };

function lookupThat(answers: Answer[]): { ask: () => Promise<string>; wait: (ms: number) => void } {
  const clock = virtualClock();
  const resolve: ResolveName = (_hostname, _options, callback) => {
    const answer = answers.shift() ?? { code: 'ENOTFOUND' };
    if ('code' in answer) callback(Object.assign(new Error('no answer'), { code: answer.code }), []);
    else callback(null, [{ address: answer.address, family: 4 }]);
  };
  const lookup = new NameLookup(resolve, clock).forAllowed((address) => !address.startsWith('10.'));
  return {
    ask: () =>
      new Promise((settle) =>
        lookup('api.example', {}, (error, address) => settle(error === null ? String(address) : (error.code ?? error.message))),
      ),
    wait: (ms) => {
      clock.after(ms, () => {});
      while (clock.step());
    },
  };
}

test('where the name service fails, the last answer stands in for an hour', async () => {
  const { ask, wait } = lookupThat([{ address: '203.0.113.7' }, { code: 'EAI_AGAIN' }, { code: 'ENOTFOUND' }, { code: 'EAI_AGAIN' }]);
  expect(await ask()).toBe('203.0.113.7');
  expect(await ask()).toBe('203.0.113.7');
  wait(3_600_000);
  expect(await ask()).toBe('203.0.113.7');
  wait(1);
  expect(await ask()).toBe('EAI_AGAIN');
});

test('a name that was never resolved fails as the name service says', async () => {
  expect(await lookupThat([{ code: 'ENOTFOUND' }]).ask()).toBe('ENOTFOUND');
});

test('an address that is not allowed is refused, and an earlier one does not stand in for it', async () => {
  const { ask } = lookupThat([{ address: '203.0.113.7' }, { address: '10.0.0.1' }, { code: 'EAI_AGAIN' }]);
  expect(await ask()).toBe('203.0.113.7');
  expect(await ask()).toBe('ADDRESS_NOT_ALLOWED');
  expect(await ask()).toBe('ADDRESS_NOT_ALLOWED');
});
