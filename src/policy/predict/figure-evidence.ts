import type { PriorOrigin } from './prior.ts';

/** What a figure rests on: so many answers of this deployment, or a prior that nothing has corrected yet. */
export type FigureEvidence = { readonly kind: 'measured'; readonly answers: number } | { readonly kind: 'prior'; readonly from: PriorOrigin };
