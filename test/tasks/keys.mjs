// Keys of the real gpg, in homes of their own.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Works with gpg in a home that goes afterwards. */
async function withGpg(work) {
  // The agent's socket lies in it, whose path has 107 bytes at most.
  const home = mkdtempSync(join(tmpdir(), 'sg-'))
  const options = { env: { ...process.env, LC_ALL: 'C.UTF-8' }, timeout: 60_000 }
  const run = async (program, words) => (await promisify(execFile)(program, words, options)).stdout
  try {
    return await work(
      (...words) => run('gpg', ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...words]),
      home,
    )
  } finally {
    await run('gpgconf', ['--homedir', home, '--kill', 'all'])
    rmSync(home, { recursive: true, force: true })
  }
}

/** See keys.d.mts. */
export function yesterdaysKey(name, kind = 'ed25519') {
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().replace(/[-:]|\..*/g, '')
  return withGpg(async (gpg) => {
    await gpg('--faked-system-time', yesterday, '--quick-gen-key', `${name} <${name}@example.org>`, kind, 'sign', '0')
    const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(await gpg('--with-colons', '--list-keys'))?.[1] ?? ''
    return { secret: await gpg('--armor', '--export-secret-keys'), certificate: await gpg('--armor', '--export'), fingerprint }
  })
}

/** See keys.d.mts. */
export function signatureWith({ secret }, data, how) {
  return withGpg(async (gpg, home) => {
    const [key, file] = [join(home, 'secret.asc'), join(home, 'data')]
    writeFileSync(key, secret, { mode: 0o600 })
    writeFileSync(file, data)
    await gpg('--import', key)
    return gpg('--armor', '--output', '-', how, file)
  })
}
