import type { ChaosCell } from './chaos-cell.ts';

/** What a cell must come to, by the fault catalogue and the design. */
export type ExpectedOutcome =
  | { readonly kind: 'passed' }
  /** Another attempt answered in full, unseen. */
  | { readonly kind: 'failed over' | 'retried' }
  | { readonly kind: 'continued' }
  | { readonly kind: 'honest error'; readonly code: string }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string };

/** Whether anything that must not be lost had been released when the fault came. */
function isAfterContent({ mode, position }: ChaosCell): boolean {
  return mode === 'stream' && position !== 'S1' && position !== 'S2';
}

/** Text goes on by token ids where the dialect gives them, else by a declared prefill; a tool call never does. */
function mayBeContinued({ position, alternative }: ChaosCell): boolean {
  return alternative === 'may continue' && position !== 'tool-call middle';
}

export function expectedOutcome(cell: ChaosCell): ExpectedOutcome {
  const { fault, alternative } = cell;
  if (!isAfterContent(cell)) {
    if (fault.before === 'harmless') return { kind: 'passed' };
    if (fault.before === 'told') return { kind: 'refused', status: fault.status, code: fault.code };
    if (alternative !== 'none') return { kind: 'failed over' };
    return fault.before === 'retry' ? { kind: 'retried' } : { kind: 'refused', status: fault.status, code: fault.code };
  }
  if (fault.after === 'harmless') return { kind: 'passed' };
  if (fault.after === 'continue' && mayBeContinued(cell)) return { kind: 'continued' };
  return { kind: 'honest error', code: fault.codeInStream };
}
