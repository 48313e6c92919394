import { X509Certificate } from 'node:crypto'

const block = /-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END CERTIFICATE-----/g

/**
 * The certificates of a PEM text as the plan has them: without comments, in lines of 64 characters.
 * @throws {TypeError} no certificate, a damaged one, or a private key
 */
export function certificatesOf(text: string, where: string): string {
  // The text is not repeated: it may hold the key.
  if (/PRIVATE KEY-----/.test(text)) throw new TypeError(`Expected certificates in ${where}, got a private key. Remove it from the file`)
  const found = [...text.matchAll(block)].map(([, body = '']) => body.replace(/\s+/g, ''))
  if (found.length === 0)
    throw new TypeError(`Expected PEM text with a certificate in ${where}, got none. Pass the content of the file, not its path`)
  return found.map((body, index) => pem(body, `certificate ${index + 1} in ${where}`)).join('')
}

function pem(body: string, what: string): string {
  const text = `-----BEGIN CERTIFICATE-----\n${body.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`
  try {
    new X509Certificate(text)
    return text
  } catch (cause) {
    throw new TypeError(`Expected ${what} to be readable, but it is damaged`, { cause })
  }
}
