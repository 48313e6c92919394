import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SecretKeyText } from '../secret-key.js'

/** A key in GnuPG's own store. */
export interface GnupgKey {
  /** The primary key's, upper case. */
  readonly fingerprint: string
  /** The output of `gpg --armor --export-secret-keys`. */
  readonly secret: string
  /** The output of `gpg --armor --export`. */
  readonly certificate: string
}

/** The real gpg, gpgv and sqv, with a home of their own. */
export class Gnupg {
  readonly home: string

  private constructor(home: string) {
    this.home = home
  }

  static async open(): Promise<Gnupg> {
    // The agent's socket lies in it, whose path has 107 bytes at most.
    const home = await mkdtemp(join(tmpdir(), 'sg-'))
    // It would measure this machine, to make passphrases slow to guess.
    await writeFile(join(home, 'gpg-agent.conf'), 's2k-count 65536\n')
    return new Gnupg(home)
  }

  async close(): Promise<void> {
    await program('gpgconf', '--homedir', this.home, '--kill', 'all')
    await rm(this.home, { recursive: true, force: true })
  }

  /** Runs gpg without questions. The passphrase is that of new keys, and of those that are used. */
  async gpg(words: readonly string[], passphrase = ''): Promise<string> {
    return (await this.bytes(words, passphrase)).toString()
  }

  /** The same, for output that need not be text. */
  async bytes(words: readonly string[], passphrase = ''): Promise<Buffer> {
    const quietly = ['--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', passphrase]
    return output('gpg', ['--homedir', this.home, ...quietly, ...words])
  }

  /** Makes a key: `ed25519 sign 0`. Options stand before the command: `--faked-system-time=20200101T000000!`. */
  async make(
    name: string,
    kind: string,
    { options = [], passphrase }: { readonly options?: readonly string[]; readonly passphrase?: string } = {},
  ): Promise<GnupgKey> {
    await this.gpg([...options, '--quick-gen-key', `${name} <${name}@example.org>`, ...kind.split(' ')], passphrase)
    return this.key(name, passphrase)
  }

  /** The key of that name, as it is now. */
  async key(name: string, passphrase = ''): Promise<GnupgKey> {
    const who = `<${name}@example.org>`
    const listed = await this.gpg(['--with-colons', '--list-keys', who])
    return {
      fingerprint: /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? '',
      secret: await this.gpg(['--armor', '--export-secret-keys', who], passphrase),
      certificate: await this.gpg(['--armor', '--export', who]),
    }
  }

  /** Revokes a key, by the certificate that GnuPG made with it. */
  async revoke(name: string): Promise<void> {
    const { fingerprint } = await this.key(name)
    const certificate = await readFile(join(this.home, 'openpgp-revocs.d', `${fingerprint}.rev`), 'utf8')
    // A colon keeps people from importing it by mistake.
    await this.gpg(['--import', await this.file('revocation', certificate.replace(':-----BEGIN', '-----BEGIN'))])
  }

  /** A file in the home. */
  async file(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.home, name)
    await writeFile(path, content)
    return path
  }

  /** A keyring that gpgv and sqv read. */
  async keyring(name: string, armoured: string): Promise<string> {
    const [text, path] = [await this.file(`${name}.asc`, armoured), join(this.home, `${name}.gpg`)]
    await rm(path, { force: true })
    await this.gpg(['--output', path, '--dearmor', text])
    return path
  }

  /** The text that gpgv finds in a clearsigned document. @throws {Error} it refuses the document */
  async extract(keyring: string, document: string): Promise<string> {
    const path = join(this.home, 'extracted')
    await rm(path, { force: true })
    await program('gpgv', '--homedir', this.home, '--keyring', keyring, '--output', path, await this.file('document', document))
    return readFile(path, 'utf8')
  }

  /** Whether a program takes a detached signature. */
  async takes(verifier: 'gpgv' | 'sqv', keyring: string, signature: string, bytes: Uint8Array): Promise<boolean> {
    const files = [await this.file('signature', signature), await this.file('signed', bytes)]
    return succeeds(program(verifier, ...(verifier === 'gpgv' ? ['--homedir', this.home] : []), '--keyring', keyring, ...files))
  }
}

/** A key without a passphrase. */
export const open = ({ secret }: GnupgKey): SecretKeyText => ({ armoured: secret })

/** Runs a program of the system, to its end. */
export async function program(name: string, ...words: readonly string[]): Promise<string> {
  return (await output(name, words)).toString()
}

async function output(name: string, words: readonly string[]): Promise<Buffer> {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' }
  return (await promisify(execFile)(name, words, { env, encoding: 'buffer', timeout: 30_000, maxBuffer: 2 ** 24 })).stdout
}

/** @throws {Error} where the program is missing, or did not end in time */
export async function succeeds(running: Promise<unknown>): Promise<boolean> {
  try {
    await running
    return true
  } catch (error) {
    // A program that ran has an exit code, which is a number.
    if (error instanceof Error && 'code' in error && typeof error.code === 'number') return false
    throw error
  }
}
