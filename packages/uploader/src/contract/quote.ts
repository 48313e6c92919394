const mask = '[redacted]'

/** Replaces what must not be seen. */
export type Redact = (text: string) => string

/**
 * Replaces the secrets in a text, as they are and in the forms in which they travel: base64 (alone, or within a longer
 * text that was encoded, such as a Basic header's), URL-encoded, JSON-escaped.
 */
export function redactor(secrets: readonly string[]): Redact {
  const forms = [...new Set(secrets.filter((secret) => secret !== '').flatMap(formsOf))]
  // A longer form goes first: what is left of it after a shorter one was replaced would still be part of a secret.
  forms.sort((a, b) => b.length - a.length)
  return (text) => forms.reduce((rest, form) => rest.replaceAll(form, mask), text)
}

/**
 * A text from outside made fit for a message: one line without control characters and GitLab's section markers, without
 * secrets, of at most `limit` characters.
 */
export function quote(text: string, redact: Redact, limit = 300): string {
  // Each is replaced by something and not by nothing, so that no marker and no secret grows together from its parts. What is cut off
  // is cut off afterwards: half a secret would not be known for one.
  const line = redact(text)
    .slice(0, 64 * 1024)
    .replaceAll(/[\s\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ')
    .replaceAll(/section_(start|end):/g, 'section_$1 ')
    .trim()
  const safe = redact(line)
  return safe.length <= limit ? safe : `${safe.slice(0, limit)}…`
}

function formsOf(secret: string): string[] {
  const encoded = encodeURIComponent(secret)
  const whole = Buffer.from(secret)
  return [
    secret,
    encoded,
    encoded.replaceAll('%20', '+'),
    encoded.replaceAll(/%[0-9A-F]{2}/g, (triplet) => triplet.toLowerCase()),
    encodeURI(secret),
    JSON.stringify(secret).slice(1, -1),
    ...['base64', 'base64url'].flatMap((encoding) => base64Forms(whole, encoding === 'base64' ? 'base64' : 'base64url')),
  ]
}

/** The encoding of the whole, and the part of it that is the same whatever stands before and after it, at each of the three alignments. */
function base64Forms(secret: Buffer, encoding: 'base64' | 'base64url'): string[] {
  const whole = secret.toString(encoding)
  const within = [0, 1, 2].map((before) => {
    const all = Buffer.concat([Buffer.alloc(before), secret])
    const first = Math.ceil((before * 8) / 6)
    return all.toString(encoding).slice(first, Math.floor((all.length * 8) / 6))
  })
  // A form of very few characters would be found in texts that have nothing to do with the secret.
  return [whole, whole.replace(/=+$/, ''), ...within.filter((form) => form.length >= 6)]
}
