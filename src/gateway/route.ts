import type { Api } from '../access/scopes.ts';
import type { Caller } from '../access/caller.ts';
import type { GatewayContext } from './gateway-context.ts';
import type { HttpRequest } from '../http/server-connection.ts';
import type { ServerResponse } from '../http/server-response.ts';

/** What is known of a request when its route begins: who asks, and the parts of the target that the route names. */
export interface RouteCall {
  readonly caller: Caller;
  /** What follows the question mark, as it came. */
  readonly query: string;
  readonly pathParts: readonly string[];
}

export type RouteHandler = (context: GatewayContext, incoming: HttpRequest, response: ServerResponse, call: RouteCall) => Promise<void> | void;

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Fixed parts, and `*` for a part that the handler reads. */
  readonly path: string;
  /** `open`: anybody who can connect; `key`: a key, where keys are configured. */
  readonly access: 'open' | 'key';
  /** What the scope of a key must include; absent where the answer shows only what the key may use anyway. */
  readonly api?: Api;
  readonly handle: RouteHandler;
}

/** What a table needs of a route to find it. */
type Findable = Readonly<Record<'method' | 'path', string>>;

export type RouteMatch<One extends Findable = Route> =
  | { readonly kind: 'route'; readonly route: One; readonly pathParts: readonly string[] }
  | { readonly kind: 'wrong-method'; readonly allow: string }
  | { readonly kind: 'none' };

const noParts: readonly string[] = [];

/** Finds routes by method and path: fixed paths by a look-up, patterns one by one. */
export class RouteTable<One extends Findable = Route> {
  readonly #fixed = new Map<string, One[]>();
  readonly #patterns: { readonly route: One; readonly parts: readonly string[] }[] = [];

  constructor(routes: readonly One[]) {
    for (const route of routes) {
      if (route.path.includes('*')) this.#patterns.push({ route, parts: route.path.split('/') });
      else this.#fixed.set(route.path, [...(this.#fixed.get(route.path) ?? []), route]);
    }
  }

  match(method: string, path: string): RouteMatch<One> {
    const fixed = this.#fixed.get(path);
    if (fixed !== undefined) return chosen(method, fixed, noParts);
    const parts = path.split('/');
    const fits = this.#patterns.filter(
      (pattern) => pattern.parts.length === parts.length && pattern.parts.every((part, index) => part === '*' || part === parts[index]),
    );
    const [first] = fits;
    if (first === undefined) return { kind: 'none' };
    return chosen(
      method,
      fits.map(({ route }) => route),
      parts.filter((_, index) => first.parts[index] === '*'),
    );
  }
}

function chosen<One extends Findable>(method: string, sharing: readonly One[], pathParts: readonly string[]): RouteMatch<One> {
  const route = sharing.find((one) => one.method === method);
  return route === undefined ? { kind: 'wrong-method', allow: sharing.map((one) => one.method).join(', ') } : { kind: 'route', route, pathParts };
}
