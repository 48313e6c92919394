import { expect, test } from 'vitest'
import { Failures } from './http-error.js'
import { tlsFault } from './tls-fault.js'

const openssl = (reason: string) => `1006000:error:0A00010B:SSL routines:ssl3_get_record:${reason}:../deps/openssl/ssl/record.c:355:`

test.each([
  ['CERT_HAS_EXPIRED', 'certificate has expired', 'the certificate of a.example has expired'],
  ['CERT_NOT_YET_VALID', 'certificate is not yet valid', 'is not valid yet'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'Hostname/IP does not match', 'is for another name'],
  ['HOSTNAME_MISMATCH', 'hostname mismatch', 'is for another name'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', 'is self-signed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain', 'by an untrusted certificate authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate', 'by an untrusted certificate authority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unable to get local issuer certificate', 'by an untrusted certificate authority'],
  ['CERT_REVOKED', 'certificate revoked', 'is no longer trusted'],
  ['CERT_SIGNATURE_FAILURE', 'certificate signature failure', 'is not valid'],
  ['CA_MD_TOO_WEAK', 'CA signature digest algorithm too weak', 'is not valid'],
  ['EPROTO', openssl('wrong version number'), 'does not speak TLS on this port'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', openssl('wrong version number'), 'does not speak TLS on this port'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', openssl('packet length too long'), 'does not speak TLS on this port'],
  ['EPROTO', openssl('unsupported protocol'), 'have no TLS version or cipher in common'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', openssl('tlsv1 alert protocol version'), 'have no TLS version'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', openssl('sslv3 alert handshake failure'), 'have no TLS version'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', openssl('tlsv13 alert certificate required'), 'requires a client certificate'],
])('%s (%s): for good, and said in words', (code, message, what) => {
  expect(tlsFault(code, message, 'a.example')?.what).toContain(what)
  const error = new Failures('GET', new URL('https://a.example/x'), (text) => text).of(Object.assign(new Error(message), { code }))
  expect(error).toMatchObject({ code: 'http/tls', final: true, message: expect.stringContaining('a.example') })
})

test.each([
  ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', openssl('decryption failed or bad record mac')],
  ['ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR', openssl('tlsv1 alert internal error')],
  ['ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC', openssl('sslv3 alert bad record mac')],
  ['EPROTO', openssl('unexpected message')],
  ['ECONNRESET', 'Client network socket disconnected before secure TLS connection was established'],
])('%s (%s) may pass', (code, message) => {
  const error = new Failures('GET', new URL('https://a.example/x'), (text) => text).of(Object.assign(new Error(message), { code }))
  expect(error).toMatchObject({ code: 'http/reset', final: false })
})
