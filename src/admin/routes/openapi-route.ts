import { describeApi } from '../api/describe-api.ts';
import { rawRoute, type ControlRoute } from '../control-route.ts';
import { sendJson } from '../../gateway/respond.ts';

/** The description of all routes, of itself too. */
export function openapiRoute(routes: () => readonly ControlRoute[]): ControlRoute {
  return rawRoute(
    { method: 'GET', path: '/control/v1/openapi.json', role: 'viewer', summary: 'This description, in OpenAPI 3.1.' },
    'application/json',
    async ({ gateway }, _request, response) => sendJson(response, 200, JSON.stringify(describeApi(routes(), (await gateway.status()).version))),
  );
}
