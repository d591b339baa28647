import { rawRoute } from '../control-route.ts';

/**
 * The chat of the page: an operator's question takes the same path as everybody's, as team `console`. So the browser
 * needs no API key, and its cookie never goes to `/v1`.
 */
export const chatRoute = rawRoute(
  {
    method: 'POST',
    path: '/control/v1/chat',
    role: 'operator',
    summary: 'Answers a chat request as team `console`, as `/v1/chat/completions` does.',
  },
  'text/event-stream',
  (context, request, response) => context.gateway.chat(request, response),
);
