import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { gatewayOver, scripted } from '../support/started.ts';
import { jsonResponse } from '../support/scripted-upstream.ts';

const nowhere = 'http://127.0.0.1:9';

test('a model is listed and told by its id, to each SDK in its own form', async () => {
  const { url } = await gatewayOver([{ id: 'one', origin: nowhere }]);
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'k', maxRetries: 0 });
  const anthropic = new Anthropic({ baseURL: url, apiKey: 'k', maxRetries: 0 });
  expect((await openai.models.list()).data).toMatchObject([{ id: 'm', object: 'model', owned_by: 'second-source' }]);
  expect(await openai.models.retrieve('m')).toMatchObject({ id: 'm', object: 'model' });
  expect((await anthropic.models.list()).data).toMatchObject([{ id: 'm', type: 'model', display_name: 'm' }]);
  expect(await anthropic.models.retrieve('m')).toMatchObject({ id: 'm', type: 'model' });
  await expect(openai.models.retrieve('org/other')).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  await expect(anthropic.models.retrieve('other')).rejects.toMatchObject({ status: 404, type: 'not_found_error' });
});

test('a model that its only endpoint denies to have is listed no more', async () => {
  const unknown = { error: { message: 'The model `up` does not exist.', type: 'invalid_request_error', code: 'model_not_found' } };
  const upstream = await scripted({ pieces: [jsonResponse(404, JSON.stringify(unknown))], end: 'keep' });
  const { url } = await gatewayOver([{ id: 'one', origin: upstream.origin }]);
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'k', maxRetries: 0 });
  expect((await openai.models.list()).data).toHaveLength(1);
  await openai.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'x' }] }).catch(() => {});
  expect((await openai.models.list()).data).toEqual([]);
  await expect(openai.models.retrieve('m')).rejects.toMatchObject({ status: 404 });
});
