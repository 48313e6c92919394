/** See keys.mjs. */
export interface Key {
  /** Armoured, as `gpg --armor --export-secret-keys` prints it. */
  readonly secret: string
  readonly certificate: string
  /** Upper case. */
  readonly fingerprint: string
}
/**
 * A new key that is a day old: a server’s clock can be behind by a second, and no signature is older than its key.
 * `kind` is one of gpg’s: `ed25519`, `rsa3072`. @default ed25519
 */
export function yesterdaysKey(name: string, kind?: string): Promise<Key>
/** What gpg writes for `--detach-sign` or `--clear-sign`, armoured. */
export function signatureWith(key: Pick<Key, 'secret'>, data: Uint8Array, how: '--detach-sign' | '--clear-sign'): Promise<string>
