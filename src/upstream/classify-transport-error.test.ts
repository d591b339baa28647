import { expect, test } from 'vitest';
import { classifyTransportError } from './classify-transport-error.ts';
import type { HealthEffect } from '../fleet/health-effect.ts';
import type { FailureClass } from '../policy/attempt-failure.ts';
import type { ErrorCode } from '../std/error-catalogue.ts';

function broken(code: string, facts: object = {}): Error {
  return Object.assign(new Error('on the wire'), { code, ...facts });
}

test.each<[string, boolean, FailureClass, ErrorCode, HealthEffect['kind']]>([
  ['ENOTFOUND', false, 'not-sent', 'upstream_unreachable', 'failure'],
  ['EAI_AGAIN', false, 'not-sent', 'upstream_unreachable', 'failure'],
  ['ECONNREFUSED', false, 'not-sent', 'upstream_unreachable', 'failure'],
  ['ENOENT', false, 'not-sent', 'upstream_unreachable', 'failure'],
  ['CONNECT_TIMEOUT', false, 'not-sent', 'upstream_timeout', 'failure'],
  ['ECONNRESET', false, 'maybe-executed', 'upstream_unreachable', 'failure'],
  ['ECONNRESET', true, 'maybe-executed', 'upstream_error', 'failure'],
  ['HTTP_CLOSED_EARLY', false, 'maybe-executed', 'upstream_error', 'failure'],
  ['CERT_HAS_EXPIRED', false, 'not-sent', 'upstream_tls_error', 'unusable'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', false, 'not-sent', 'upstream_tls_error', 'unusable'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', false, 'not-sent', 'upstream_tls_error', 'unusable'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', false, 'not-sent', 'upstream_tls_error', 'unusable'],
  ['ERR_TLS_HANDSHAKE_TIMEOUT', false, 'not-sent', 'upstream_timeout', 'failure'],
  ['CONNECT_TIMEOUT', false, 'not-sent', 'upstream_timeout', 'failure'],
  ['HANDSHAKE_LOST', false, 'not-sent', 'upstream_tls_error', 'failure'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', false, 'not-sent', 'upstream_tls_error', 'unusable'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', false, 'not-sent', 'upstream_tls_error', 'unusable'],
  ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', false, 'not-sent', 'upstream_tls_error', 'failure'],
  ['PROXY_UNREACHABLE', false, 'not-sent', 'upstream_unreachable', 'failure'],
  ['PROXY_REFUSED', false, 'not-sent', 'upstream_unreachable', 'failure'],
  ['PROXY_FORBIDDEN', false, 'not-sent', 'upstream_unreachable', 'unusable'],
  ['EPROTO', false, 'not-sent', 'upstream_tls_error', 'failure'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', false, 'not-sent', 'upstream_tls_error', 'failure'],
  ['NGHTTP2_REFUSED_STREAM', false, 'once-more', 'upstream_unreachable', 'none'],
  ['EMFILE', false, 'shed', 'overloaded', 'none'],
  ['EADDRNOTAVAIL', false, 'shed', 'overloaded', 'none'],
  ['HTTP_RESPONSE_HEAD_TOO_LARGE', false, 'upstream-fault', 'upstream_malformed', 'failure'],
  ['HTTP_RESPONSE_MALFORMED', false, 'upstream-fault', 'upstream_malformed', 'failure'],
  ['HTTP_RESPONSE_MALFORMED', true, 'maybe-executed', 'upstream_malformed', 'failure'],
  ['ETIMEDOUT', false, 'maybe-executed', 'upstream_timeout', 'failure'],
  ['UNPLUGGED', true, 'maybe-executed', 'upstream_unreachable', 'none'],
  ['ODD', true, 'maybe-executed', 'upstream_error', 'failure'],
])('%s (head seen: %s) is %s, %s to the client, %s to the endpoint', (code, headSeen, kind, fault, health) => {
  const failure = classifyTransportError(broken(code), headSeen);
  expect({ kind: failure.class, code: failure.fault.code, health: failure.health.kind }).toEqual({ kind, code: fault, health });
});

test('a connection that never stood carried no request, whatever ended it', () => {
  expect(classifyTransportError(broken('ETIMEDOUT', { syscall: 'connect' }), false)).toMatchObject({
    class: 'not-sent',
    fault: { code: 'upstream_timeout' },
  });
  expect(classifyTransportError(broken('ECONNRESET', { syscall: 'connect' }), false).class).toBe('not-sent');
  expect(classifyTransportError(broken('ETIMEDOUT', { syscall: 'read' }), true).class).toBe('maybe-executed');
});
