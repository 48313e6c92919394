// Makes a certificate authority, a certificate for servers on this machine, and those that a client must not accept.
import { webcrypto } from 'node:crypto'
// @peculiar/x509 needs it, and leaves it to its users to load it first.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const hour = 3_600_000
const here = [
  { type: 'dns', value: 'localhost' },
  // Names that a proxy of the tests resolves; a client would reach this machine by them through it alone.
  { type: 'dns', value: '*.tests.example' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '::1' },
]

/** See authority.d.mts. */
export async function makeAuthority(now = Date.now()) {
  const [ca, foreign] = [await issuer('Stagegate tests'), await issuer('Somebody else')]
  return {
    ca: `${ca.certificate.toString('pem')}\n`,
    server: await signed({ by: ca }),
    expired: await signed({ by: ca, from: now - 48 * hour, to: now - hour }),
    notYetValid: await signed({ by: ca, from: now + 24 * hour, to: now + 48 * hour }),
    wrongName: await signed({ by: ca, names: [{ type: 'dns', value: 'elsewhere.example' }] }),
    foreign: await signed({ by: foreign }),
    foreignChain: withChain(await signed({ by: foreign }), foreign),
    selfSigned: await signed({}),
    client: await signed({ by: ca, usage: x509.ExtendedKeyUsage.clientAuth }),
  }

  async function issuer(name) {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      ...common(name, now - hour, now + 24 * hour),
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    })
    return { certificate, keys }
  }

  async function signed({ by, names = here, from = now - hour, to = now + 24 * hour, usage = x509.ExtendedKeyUsage.serverAuth }) {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
    const what = {
      ...common('A server of the tests', from, to),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        new x509.SubjectAlternativeNameExtension(names),
        ...(by ? [await x509.AuthorityKeyIdentifierExtension.create(by.certificate)] : []),
      ],
    }
    const certificate = await (by
      ? x509.X509CertificateGenerator.create({
          ...what,
          issuer: by.certificate.subject,
          publicKey: keys.publicKey,
          signingKey: by.keys.privateKey,
        })
      : x509.X509CertificateGenerator.createSelfSigned({ ...what, name: what.subject, keys }))
    const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
    return { certificate: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') }
  }
}

/** With its authority's own certificate, as servers send what leads to one that is trusted. */
function withChain({ certificate, key }, { certificate: above }) {
  return { certificate: `${certificate}\n${above.toString('pem')}`, key }
}

function common(name, from, to) {
  return {
    name: `CN=${name}`,
    subject: `CN=${name}`,
    notBefore: new Date(from),
    notAfter: new Date(to),
    signingAlgorithm: algorithm,
  }
}
