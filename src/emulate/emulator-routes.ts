/** `paced` routes are emulated; `passed` ones are the engine's own; `control` ones are the emulator's. */
export type EmulatorRoute = 'paced' | 'passed' | 'metrics' | 'control-fault' | 'control-hold' | 'control-profile';

interface RouteEntry {
  readonly route: EmulatorRoute;
  readonly method: 'GET' | 'POST';
}

const routes: ReadonlyMap<string, RouteEntry> = new Map<string, RouteEntry>([
  ['/v1/chat/completions', { route: 'paced', method: 'POST' }],
  ['/v1/completions', { route: 'paced', method: 'POST' }],
  ['/v1/embeddings', { route: 'paced', method: 'POST' }],
  ['/v1/models', { route: 'passed', method: 'GET' }],
  ['/health', { route: 'passed', method: 'GET' }],
  ['/metrics', { route: 'metrics', method: 'GET' }],
  ['/control/fault', { route: 'control-fault', method: 'POST' }],
  ['/control/hold', { route: 'control-hold', method: 'GET' }],
  ['/control/profile', { route: 'control-profile', method: 'GET' }],
]);

export type RouteMatch =
  | { readonly kind: 'found'; readonly route: EmulatorRoute; readonly method: 'GET' | 'POST' }
  | { readonly kind: 'wrong-method'; readonly allow: 'GET' | 'POST' }
  | { readonly kind: 'none' };

export function matchRoute(method: string, path: string): RouteMatch {
  const entry = routes.get(path) ?? (path.startsWith('/v1/models/') ? routes.get('/v1/models') : undefined);
  if (entry === undefined) return { kind: 'none' };
  return entry.method === method ? { kind: 'found', ...entry } : { kind: 'wrong-method', allow: entry.method };
}
