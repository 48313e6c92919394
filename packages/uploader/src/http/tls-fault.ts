/** Why no TLS connection can be had, whenever it is tried: a person must change something. */
export interface TlsFault {
  readonly what: string
  readonly next: string
}

const authority = 'If the server has its own certificate authority, set `ca` next to its address.'
const served = 'Have the server’s certificate corrected.'

/** The codes of Node and OpenSSL (X509_verify_cert_error_string(3)) for certificates that are refused. */
const certificates: readonly (readonly [RegExp, TlsFault])[] = [
  [/^CERT_HAS_EXPIRED$/, { what: 'has expired', next: 'Renew the certificate, and check the clock of this machine.' }],
  [/^CERT_NOT_YET_VALID$/, { what: 'is not valid yet', next: 'Check the clocks of the server and of this machine.' }],
  [
    /^(ERR_TLS_CERT_ALTNAME_|HOSTNAME_MISMATCH$)/,
    { what: 'is for another name', next: `Use a name that the certificate covers. ${served}` },
  ],
  [/^DEPTH_ZERO_SELF_SIGNED_CERT$/, { what: 'is self-signed', next: authority }],
  [/^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_)/, { what: 'is signed by an untrusted certificate authority', next: authority }],
  [/^(CERT_REVOKED|CERT_REJECTED|CERT_UNTRUSTED)$/, { what: 'is no longer trusted', next: served }],
  [
    /^(CERT_|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|ERROR_IN_CERT_|CA_MD_|EE_KEY_|CA_KEY_)/,
    { what: 'is not valid', next: served },
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
    return {
      what: `${host} does not speak TLS on this port (${code})`,
      next: 'Correct the port in the address, or use http instead of https.',
    }
  if (protocols.test(words))
    return {
      what: `${host} and this client have no TLS version or cipher in common (${code})`,
      next: 'The server must speak TLS 1.2 or later.',
    }
  if (ours.test(words))
    return {
      what: `${host} requires a client certificate (${code})`,
      next: 'Client certificates are not supported here. Use another way to authenticate.',
    }
  return undefined
}
