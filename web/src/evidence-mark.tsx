import { evidenceMeaning } from './answer-words.ts';

/** How we know which silicon it is. Emulated silicon looks different at a glance. */
export function EvidenceMark({ evidence }: { readonly evidence: string }) {
  return (
    <span className={evidence === 'emulated' ? 'evidence emulated' : 'evidence'} title={evidenceMeaning(evidence)}>
      {evidence}
    </span>
  );
}
