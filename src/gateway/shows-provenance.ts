/** Where answers say whose silicon made them. */
export type ProvenanceSetting = 'full' | 'headers' | 'body' | 'none';

export function showsProvenance(setting: ProvenanceSetting, where: 'headers' | 'body'): boolean {
  return setting === 'full' || setting === where;
}
