import { isRecord } from './is-record.ts';

/** Who uses this page, as the gateway knows them. */
export interface Session {
  readonly signedIn: boolean;
  /** Whether nobody need sign in: the page is open to whoever uses the gateway's own machine. */
  readonly open: boolean;
  readonly name: string;
  readonly role: string;
  readonly controlToken: string;
  readonly owesTotp: boolean;
}

/** Reads the body of GET /control/v1/session; undefined where it is not of that shape. */
export function readSession(body: unknown): Session | undefined {
  if (!isRecord(body)) return undefined;
  const { signedIn, open, name, role, controlToken, owesTotp } = body;
  if (typeof signedIn !== 'boolean' || typeof open !== 'boolean' || typeof owesTotp !== 'boolean') return undefined;
  if (typeof name !== 'string' || typeof role !== 'string' || typeof controlToken !== 'string') return undefined;
  return { signedIn, open, name, role, controlToken, owesTotp };
}

/** A secret for a second factor, not yet in use. */
export interface DrawnTotp {
  readonly secret: string;
  readonly uri: string;
  readonly sealed: string;
}

/** Reads the body of POST /control/v1/session/totp; undefined where it is not of that shape. */
export function readDrawnTotp(body: unknown): DrawnTotp | undefined {
  if (!isRecord(body)) return undefined;
  const { secret, uri, sealed } = body;
  return typeof secret === 'string' && typeof uri === 'string' && typeof sealed === 'string' ? { secret, uri, sealed } : undefined;
}
