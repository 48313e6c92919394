/** Why no TLS connection can be had, whenever it is tried: a person must change something. */
export interface TlsFault {
  readonly what: string
  readonly next: string
}

const authority = 'If the server has a certificate authority of its own, name it: `ca`, beside its address.'
const served = 'Have the server’s certificate corrected.'

/** The codes of Node and OpenSSL (X509_verify_cert_error_string(3)) for certificates that are refused. */
const certificates: readonly (readonly [RegExp, TlsFault])[] = [
  [/^CERT_HAS_EXPIRED$/, { what: 'has expired', next: 'Have it renewed; and see that the clock of this machine is right.' }],
  [/^CERT_NOT_YET_VALID$/, { what: 'is not valid yet', next: 'See that the clocks of the server and of this machine are right.' }],
  [/^(ERR_TLS_CERT_ALTNAME_|HOSTNAME_MISMATCH$)/, { what: 'is for another name', next: `Use a name that it is for. ${served}` }],
  [/^DEPTH_ZERO_SELF_SIGNED_CERT$/, { what: 'is signed by nobody but itself', next: authority }],
  [/^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_)/, { what: 'is signed by an authority that is not trusted here', next: authority }],
  [/^(CERT_REVOKED|CERT_REJECTED|CERT_UNTRUSTED)$/, { what: 'is not trusted any more', next: served }],
  [
    /^(CERT_|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|ERROR_IN_CERT_|CA_MD_|EE_KEY_|CA_KEY_)/,
    { what: 'is not sound', next: served },
  ],
]

/** OpenSSL's words for two sides that have no protocol in common. */
const protocols =
  /WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|ALERT_HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY|NO_PROTOCOLS_AVAILABLE|NO_SHARED_CIPHER|UNRECOGNIZED_NAME|DH_KEY_TOO_SMALL|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG/
/** The server asks for a certificate of ours, or refuses the one that it got (RFC 8446, section 6.2). */
const ours = /CERTIFICATE_REQUIRED|ALERT_BAD_CERTIFICATE|ALERT_CERTIFICATE_|ALERT_UNKNOWN_CA/

/** The fault of the server's TLS; `undefined` for another error, or one that may pass. */
export function tlsFault(code: string, message: string, host: string): TlsFault | undefined {
  const found = certificates.find(([pattern]) => pattern.test(code))
  if (found !== undefined) return { what: `the certificate of ${host} ${found[1].what} (${code})`, next: found[1].next }
  if (!/^(EPROTO$|ERR_SSL_)/.test(code)) return undefined
  const words = `${code} ${message.toUpperCase().replace(/[\s/]+/g, '_')}`
  if (/WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG/.test(words))
    return { what: `${host} does not speak TLS on this port (${code})`, next: 'Correct the address: its port, or http in place of https.' }
  if (protocols.test(words))
    return {
      what: `${host} and this client have no version of TLS, or no cipher, in common (${code})`,
      next: 'The server must speak TLS 1.2 or later.',
    }
  if (ours.test(words))
    return {
      what: `${host} asks for a certificate of the client (${code})`,
      next: 'Client certificates are not supported: give access in another way.',
    }
  return undefined
}
