import type { LedgerDesk } from '../ledger/ledger-desk.ts';

/** The ledger as the control API reaches it. */
export interface ControlledLedger {
  /** Resolves when all that the gateway's processes hold is where the desk reads it. */
  readonly desk: () => Promise<LedgerDesk>;
  /** Writes a copy for this moment, gives it part by part, and deletes it. One at a time; undefined while another runs. */
  readonly backUp: () => Promise<AsyncIterable<Uint8Array> | undefined>;
}
