/** A valid request for every route that takes a body, so that a test can go over all of them. */
const hello = [{ role: 'user', content: 'hi' }];

export const bodyRoutes: readonly { readonly path: string; readonly body: Readonly<Record<string, unknown>> }[] = [
  { path: '/v1/chat/completions', body: { model: 'm', messages: hello } },
  { path: '/v1/completions', body: { model: 'm', prompt: 'hi' } },
  { path: '/v1/embeddings', body: { model: 'm', input: 'hi' } },
  { path: '/v1/responses', body: { model: 'm', input: 'hi' } },
  { path: '/v1/responses/input_tokens', body: { model: 'm', input: 'hi' } },
  { path: '/v1/messages', body: { model: 'm', max_tokens: 5, messages: hello } },
  { path: '/v1/messages/count_tokens', body: { model: 'm', messages: hello } },
];
