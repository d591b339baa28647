/** Outcomes of requests that are charged. What a failure of ours left incomplete is charged nothing, whatever it has used. */
export const chargedOutcomes = ['ok', 'client_closed'] as const;

export function isCharged(outcome: string): boolean {
  return chargedOutcomes.some((charged) => charged === outcome);
}
