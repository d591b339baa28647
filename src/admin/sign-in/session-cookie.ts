import type { Fields } from '../../http/field-lines.ts';

/**
 * `__Host-` makes browsers refuse a cookie that is not secure, or that another host of the domain set; it needs TLS, so
 * that the plain listener on loopback has to do without (security requirement S28).
 */
function cookieName(isSecure: boolean): string {
  return isSecure ? '__Host-second-source' : 'second-source';
}

/** The session's secret, where the browser sent one; the first counts where there are several. */
export function sessionCookieOf(cookie: Fields[string], isSecure: boolean): string {
  if (typeof cookie !== 'string') return '';
  const prefix = `${cookieName(isSecure)}=`;
  return (
    cookie
      .split(';')
      .map((pair) => pair.trim())
      .find((pair) => pair.startsWith(prefix))
      ?.slice(prefix.length) ?? ''
  );
}

/** What `set-cookie` says; without a secret, it removes the cookie. */
export function sessionCookie(secret: string | undefined, maxAgeMs: number, isSecure: boolean): string {
  const age = secret === undefined ? 0 : Math.floor(maxAgeMs / 1000);
  return `${cookieName(isSecure)}=${secret ?? ''}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
}
