/** From the least to the most: each may do all that those before it may. */
export const roles = ['viewer', 'operator', 'admin'] as const;

export type Role = (typeof roles)[number];

/** What a route asks for. `anybody`: what comes before a sign-in. */
export type Access = Role | 'anybody';

const order: readonly Access[] = ['anybody', ...roles];

export function mayActAs(access: Access, least: Access): boolean {
  return order.indexOf(access) >= order.indexOf(least);
}
