import { instant } from '@stagegate/schema'
import { expect } from 'vitest'
import { openSigner, type SecretKeyText, type SigningKeyErrorCode } from '../index.js'

/** A refusal as it should be. */
export interface Refusal {
  readonly code: SigningKeyErrorCode
  /** The whole message, with what to do next. */
  readonly message: RegExp
  /** @default not looked at */
  readonly fingerprint?: string | undefined
  /** The armoured key, whose lines must not be in the message. @default the text itself */
  readonly secret?: string | undefined
}

/** The time now. */
export const present = () => instant(Date.now())

/** A key is refused as it should be, and nothing secret is told. */
export async function expectRefused(text: SecretKeyText, { code, message, fingerprint, secret = text.armoured }: Refusal): Promise<void> {
  const error = await openSigner([text], present()).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const words = { message: expect.stringMatching(message), next: expect.stringMatching(/\.$/) }
  expect(error).toMatchObject({ name: 'SigningKeyError', code, final: true, ...words })
  // Errors of readers can quote what they read.
  expect(error).not.toHaveProperty('cause')
  if (fingerprint !== undefined) expect(error).toMatchObject({ fingerprint, message: expect.stringContaining(fingerprint) })
  const lines = secret.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----'))
  for (const hidden of [...lines, text.passphrase?.trim() || secret]) expect(String(error)).not.toContain(hidden)
}
