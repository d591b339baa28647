import { failure, success, type Result } from '../std/result.ts';
import { nobody, type Actor } from './actor.ts';
import { sameText } from './sign-in/sessions.ts';
import { sessionCookieOf } from './sign-in/session-cookie.ts';
import type { ControlContext } from './control-context.ts';
import type { Fault } from '../std/error-catalogue.ts';
import type { HttpRequest } from '../http/server-connection.ts';

const controlHeader = 'x-second-source-control';

/**
 * Who asks. A browser cannot set the control header for another site without a preflight, which is never answered; from
 * whoever signed in it must hold the session's own token, so that a page cannot act for them either (security requirement
 * S29). API keys are no credentials here, and the cookie is none on `/v1`.
 */
export function identify(context: ControlContext, request: HttpRequest, address: string): Result<Actor, Fault> {
  const { authorization, cookie, [controlHeader]: control } = request.headers;
  if (typeof control !== 'string' || control === '')
    return failure({ code: 'forbidden_origin', detail: `The control API needs the header \`${controlHeader}: 1\`.` });
  const { tokens, sessions, users } = context.signIn;
  if (authorization !== undefined) {
    const [, secret = ''] = /^Bearer +(\S+) *$/i.exec(typeof authorization === 'string' ? authorization : '') ?? [];
    const token = tokens.find(secret);
    if (token === undefined) return failure({ code: 'sign_in_needed', detail: 'This is no control token of this gateway, or it has expired.' });
    return success({ kind: 'token', name: token.name, role: token.role, address });
  }
  const session = sessions.find(sessionCookieOf(cookie, context.isSecure));
  if (session !== undefined) {
    if (request.method !== 'GET' && !sameText(control, session.controlToken))
      return failure({ code: 'forbidden_origin', detail: `The header \`${controlHeader}\` does not hold the token of this session.` });
    return success({ kind: 'user', name: session.user, role: session.role, address });
  }
  if (context.loopbackOnly && users.isEmpty) return success({ kind: 'local', name: 'local', role: 'admin', address });
  return success(nobody(address));
}
