import { sendFault } from './respond.ts';
import type { RouteHandler } from './route.ts';

/** GET /: a browser that was given the API's address is sent to the page, which the control listener serves. */
export const toPage: RouteHandler = (context, _incoming, response) => {
  const url = context.pageUrl();
  if (url === undefined) return sendFault(response, { code: 'not_found' });
  response.send(307, { location: `${url}/`, 'content-length': '0', 'cache-control': 'no-store' }, undefined);
};
