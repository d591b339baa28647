/** What every answer of the control listener carries besides its own (security requirement S30). */
export function securityHeaders(isSecure: boolean): Readonly<Record<string, string>> {
  // Over plain HTTP on loopback, browsers must not be told to ask for TLS from now on (RFC 6797 §7.2).
  return isSecure ? { 'strict-transport-security': 'max-age=31536000' } : {};
}
