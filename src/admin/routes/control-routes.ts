import { auditRoutes } from './audit-routes.ts';
import { chatRoute } from './chat-route.ts';
import { configRoutes } from './config-routes.ts';
import { dependenceRoutes } from './dependence-routes.ts';
import { eventsRoute } from './events-route.ts';
import { explainRoutes } from './explain-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { openapiRoute } from './openapi-route.ts';
import { ledgerRoutes } from './ledger-routes.ts';
import { sectionRoutes } from './section-routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { statusRoutes } from './status-routes.ts';
import { tokenRoutes } from './token-routes.ts';
import { userRoutes } from './user-routes.ts';
import type { ControlRoute } from '../control-route.ts';

/** Every route of the control API: what does not stand here does not exist. */
export const controlRoutes: readonly ControlRoute[] = [
  ...statusRoutes,
  ...dependenceRoutes,
  chatRoute,
  ...explainRoutes,
  eventsRoute,
  ...configRoutes,
  ...sectionRoutes,
  ...sessionRoutes,
  ...keyRoutes,
  ...userRoutes,
  ...tokenRoutes,
  ...auditRoutes,
  ...ledgerRoutes,
  openapiRoute(() => controlRoutes),
];
