/**
 * What a failed attempt says of the place that failed it (fault catalogue, column "ledger, health"):
 * - `none`: nothing; the request, the client or this gateway was at fault;
 * - `failure`: one more failure of the endpoint;
 * - `busy`: the deployment refuses for now, and is left alone for so long;
 * - `unusable`: no attempt can succeed until somebody acts (a refused key, an empty account, a bad certificate);
 * - `misconfigured`: the endpoint works and does not know this deployment's model.
 */
export type HealthEffect =
  | { readonly kind: 'none' }
  | { readonly kind: 'failure' }
  | { readonly kind: 'busy'; readonly retryAfterMs: number }
  | { readonly kind: 'unusable' }
  | { readonly kind: 'misconfigured' };

export const noEffect: HealthEffect = { kind: 'none' };
export const oneFailure: HealthEffect = { kind: 'failure' };
export const unusable: HealthEffect = { kind: 'unusable' };
