import type { AccessRules } from './access-rules.ts';

/**
 * Who asks: a key of a team. One object stands for a key as long as nothing about it changes, so that what is worked out
 * for a caller may be kept by the object.
 */
export interface Caller {
  /** The team's id, as the ledger has it: who pays, whose rules apply, and whose ids are seen. */
  readonly tenant: string;
  /** Names the key in ledger, budgets and lists. It is no secret and shows nothing of one. */
  readonly keyId: string;
  /** What the key may use; undefined where nothing restricts it. */
  readonly rules: AccessRules | undefined;
}

/** The team of whoever comes without a key, where none is configured, and of the keys in `listen.keys`. */
export const localTenant = 'local';

/** Whoever reaches a gateway that has no keys: the operator, since it listens on loopback only. */
export const localCaller: Caller = { tenant: localTenant, keyId: 'none', rules: undefined };

/** Whoever asks what is open to anybody. */
export const anybody: Caller = { tenant: 'anybody', keyId: 'none', rules: undefined };
