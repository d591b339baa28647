import type { Route } from './relay-request.ts';

const paths = { chat: '/chat/completions', completions: '/completions', embeddings: '/embeddings' } as const;

/** Where an endpoint answers a route, after its base path. */
export function upstreamPath(route: Route): string {
  return paths[route];
}
