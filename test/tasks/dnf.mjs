// dnf with its command download. Debian's package of that cannot be installed beside zypper, so it is unpacked once into the user's cache.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { cache, isInstalled, step, tryRun } from './shell.mjs'

/** See dnf.d.mts. */
export const howToGetDnfDownload = 'dnf with its command download: install dnf-plugins-core. npm test unpacks it where apt-get has it.'

/** See dnf.d.mts. */
export function dnfDownload() {
  if (isInstalled('dnf download')) return ''
  const place = join(cache(), 'dnf-download')
  if (existsSync(place)) return place
  if (!['dnf', 'apt-get', 'dpkg-deb'].every(isInstalled)) return undefined
  step('unpacking dnf-plugins-core, once for this machine')
  mkdirSync(cache(), { recursive: true })
  // A folder beside the place: a rename is whole or not at all, also where two commands do so at once.
  const folder = mkdtempSync(join(cache(), '.unpacking-'))
  try {
    const apt = (...words) => tryRun('apt-get', ['--quiet=2', ...words], { cwd: folder }) === 0
    const download = () => apt('--option', 'APT::Sandbox::User=', 'download', 'dnf-plugins-core')
    if (!download() && !(apt('update') && download())) return undefined
    const [deb = ''] = readdirSync(folder)
    if (tryRun('dpkg-deb', ['--extract', join(folder, deb), join(folder, 'made')]) !== 0) return undefined
    const modules = join(place, 'usr/lib/python3/dist-packages')
    const script = `PYTHONPATH=${modules} exec /usr/bin/dnf --setopt=pluginpath=${modules}/dnf-plugins "$@"`
    writeFileSync(join(folder, 'made/dnf'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    if (!existsSync(place)) renameSync(join(folder, 'made'), place)
    return place
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** See dnf.d.mts. */
export function useDnfDownload() {
  const folder = dnfDownload()
  if (folder === undefined) throw new Error(`This test needs ${howToGetDnfDownload}`)
  if (folder !== '') process.env.PATH = [folder, process.env.PATH].join(delimiter)
}
