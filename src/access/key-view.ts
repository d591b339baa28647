import { displayedKey } from './key-format.ts';
import type { Scopes } from './scopes.ts';
import type { StoredKey } from './stored-key.ts';

/** A key as operators see it. */
export interface KeyView {
  readonly id: string;
  readonly team: string;
  readonly name: string;
  readonly environment: string;
  /** By which a person knows the key that they hold: its id and its last four characters. */
  readonly display: string;
  readonly state: 'valid' | 'expired' | 'revoked';
  readonly scopes: Scopes;
  readonly createdAtWallMs: number;
  readonly expiresAtWallMs: number | null;
  readonly revokedAtWallMs: number | null;
  /** While a rotation runs: the version before, and until when it is valid too. */
  readonly replaced: { readonly display: string; readonly endsAtWallMs: number } | null;
}

export function keyView(key: StoredKey, nowWallMs: number): KeyView {
  const { id, team, name, environment, scopes, createdAtWallMs, expiresAtWallMs, revokedAtWallMs, versions } = key;
  const [newest, before] = versions;
  const endsAtWallMs = before?.endsAtWallMs ?? 0;
  return {
    id,
    team,
    name,
    environment,
    display: displayedKey(key, newest?.lastFour ?? ''),
    state: stateOf(key, nowWallMs),
    scopes,
    createdAtWallMs,
    expiresAtWallMs,
    revokedAtWallMs,
    replaced: before === undefined || endsAtWallMs <= nowWallMs ? null : { display: displayedKey(key, before.lastFour), endsAtWallMs },
  };
}

export function stateOf({ revokedAtWallMs, expiresAtWallMs }: StoredKey, nowWallMs: number): KeyView['state'] {
  if (revokedAtWallMs !== null) return 'revoked';
  return expiresAtWallMs !== null && expiresAtWallMs <= nowWallMs ? 'expired' : 'valid';
}
