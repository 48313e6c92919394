// One certificate authority for each run of the tests: the run's servers speak HTTPS, and only the run's processes trust them.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Variables that hand both on to the processes that are started meanwhile. */
const [ofFolder, ofMachine] = ['STAGEGATE_TEST_AUTHORITY', 'STAGEGATE_TEST_MACHINE_CERTIFICATES']

/** See trust.d.mts. */
export async function ensureAuthority() {
  const { env } = process
  if (!env[ofFolder]) {
    const folder = mkdtempSync(join(tmpdir(), 'stagegate-authority-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    // Loaded only now: scripts that install what it needs read this file too.
    const { makeAuthority } = await import('./authority.mjs')
    const authority = await makeAuthority()
    writeFileSync(join(folder, 'authority.json'), JSON.stringify(authority), { mode: 0o600 })
    const machine = env.NODE_EXTRA_CA_CERTS ?? ''
    writeFileSync(join(folder, 'trusted.pem'), [authority.ca, existsSync(machine) ? readFileSync(machine, 'utf8') : ''].join('\n'))
    env[ofFolder] = folder
    env[ofMachine] = machine
    // Node reads it when a process starts, so it holds for those that this one starts.
    env.NODE_EXTRA_CA_CERTS = join(folder, 'trusted.pem')
  }
  return authorityOfRun()
}

/** See trust.d.mts. */
export function authorityOfRun() {
  const folder = process.env[ofFolder]
  return folder ? JSON.parse(readFileSync(join(folder, 'authority.json'), 'utf8')) : undefined
}

/** See trust.d.mts. */
export function machineCertificates() {
  return process.env[ofMachine] ?? process.env.NODE_EXTRA_CA_CERTS
}
