import { fitsPattern } from './fits-pattern.ts';

/** The APIs that a key may be restricted to. The list of models is open to every key: it shows what the key may use. */
export const apis = ['chat', 'completions', 'embeddings', 'messages', 'responses'] as const;

export type Api = (typeof apis)[number];

/** What a key or a team may ask for; a list that is absent restricts nothing. */
export interface Scopes {
  /** Names of models; a `*` at the end stands for any rest. */
  readonly models?: readonly string[] | undefined;
  /** Whose silicon may compute the answer. */
  readonly vendors?: readonly string[] | undefined;
  readonly apis?: readonly Api[] | undefined;
}

export function allowsModel({ models }: Scopes, model: string): boolean {
  return models === undefined || models.some((pattern) => fitsPattern(pattern, model));
}
