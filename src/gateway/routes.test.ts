import { expect, test } from 'vitest';
import { routes } from './routes.ts';

test('every route that a key opens belongs to an API that a scope can leave out, but for the list of models', () => {
  const free = routes.filter(({ access, api }) => access === 'key' && api === undefined);
  expect(free.map(({ path }) => path)).toEqual(['/v1/models', '/v1/models/*']);
});
