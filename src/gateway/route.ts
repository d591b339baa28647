import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GatewayContext } from './gateway-context.ts';

/** What is known of a request when its route begins: who asks, and the parts of the path that the route names. */
export interface RouteCall {
  readonly tenant: string;
  readonly url: URL;
  readonly pathParts: readonly string[];
}

export type RouteHandler = (context: GatewayContext, incoming: IncomingMessage, response: ServerResponse, call: RouteCall) => Promise<void> | void;

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Fixed parts, and `*` for a part that the handler reads. */
  readonly path: string;
  /** `open`: anybody who can connect; `key`: a key, where keys are configured; `control`: that and the control header. */
  readonly access: 'open' | 'key' | 'control';
  readonly handle: RouteHandler;
}

export type RouteMatch =
  | { readonly kind: 'route'; readonly route: Route; readonly pathParts: readonly string[] }
  | { readonly kind: 'wrong-method'; readonly allow: string }
  | { readonly kind: 'none' };

export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch {
  const parts = path.split('/');
  const sharing = routes.flatMap((route) => {
    const pattern = route.path.split('/');
    const fits = pattern.length === parts.length && pattern.every((part, index) => part === '*' || part === parts[index]);
    return fits ? [{ route, pathParts: parts.filter((_, index) => pattern[index] === '*') }] : [];
  });
  const [first] = sharing;
  if (first === undefined) return { kind: 'none' };
  const exact = sharing.find(({ route }) => route.method === method);
  return exact === undefined ? { kind: 'wrong-method', allow: sharing.map(({ route }) => route.method).join(', ') } : { kind: 'route', ...exact };
}
