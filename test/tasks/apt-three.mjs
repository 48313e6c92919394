// apt 3 of Debian 13, whose signatures sqv checks: its packages, unpacked once into the user's cache. It runs as if that were the machine's root.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ask, cache, isInstalled, step, tryRun } from './shell.mjs'

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** See apt-three.d.mts. */
export const howToGetAptThree =
  'apt 3. npm test unpacks it from the packages of Debian 13 on a machine with a Debian whose keyring knows that, and with unshare (util-linux).'

/** See apt-three.d.mts. */
export function aptThree() {
  const root = place()
  if (existsSync(root)) return root
  const mirror = mirrorOfMachine()
  if (mirror === undefined || !existsSync(keyring) || !['apt-get', 'dpkg-deb', 'unshare'].every(isInstalled)) return undefined
  step('unpacking apt 3 of Debian 13, once for this machine')
  mkdirSync(cache(), { recursive: true })
  // A folder beside the place: a rename is whole or not at all, also where two commands do so at once.
  const folder = mkdtempSync(join(cache(), '.unpacking-'))
  try {
    if (!unpackInto(join(folder, 'root'), join(folder, 'apt'), mirror)) return undefined
    if (!existsSync(root)) renameSync(join(folder, 'root'), root)
    return root
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** See apt-three.d.mts. */
export function builtAptThree() {
  const root = place()
  if (!existsSync(root)) throw new Error(`This test needs ${howToGetAptThree} Run npm test once: it does so.`)
  return root
}

/** See apt-three.d.mts. */
export function inRoot(root, command, words) {
  // Its devices and the folders of tests are those of the machine. Nothing outside of this process sees the mounts.
  const script = `set -e; root=$1; for one in /dev /proc "$2"; do mkdir -p "$root$one"; mount --rbind "$one" "$root$one"; done; shift 2
exec unshare --root="$root" --wd="$PWD" "$@"`
  return ['unshare', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', root, tmpdir(), `/usr/bin/${command}`, ...words]
}

function unpackInto(root, apt, mirror) {
  for (const path of ['etc', 'lists/partial', 'cache/archives/partial']) mkdirSync(join(apt, path), { recursive: true })
  writeFileSync(join(apt, 'status'), '')
  writeFileSync(join(apt, 'etc/sources.list'), `deb [signed-by=${keyring}] ${mirror} trixie main\n`)
  const settings = [
    `Dir::State=${apt}`,
    `Dir::State::status=${join(apt, 'status')}`,
    `Dir::Cache=${join(apt, 'cache')}`,
    `Dir::Etc::SourceList=${join(apt, 'etc/sources.list')}`,
    'Dir::Etc::SourceParts=-',
    'Dir::Etc::PreferencesParts=-',
    'APT::Sandbox::User=',
    'APT::Update::Error-Mode=any',
    'Acquire::Languages=none',
  ].flatMap((setting) => ['-o', setting])
  if (tryRun('apt-get', [...settings, '--quiet=2', 'update']) !== 0) return false
  const install = ['install', '--yes', '--quiet=2', '--no-install-recommends', '--download-only', 'apt', 'dpkg', 'sqv']
  if (tryRun('apt-get', [...settings, ...install]) !== 0) return false
  // As a package of Debian 13 sets them up when it is configured.
  for (const name of ['bin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', name), { recursive: true })
    symlinkSync(`usr/${name}`, join(root, name))
  }
  const archives = join(apt, 'cache/archives')
  const debs = readdirSync(archives).filter((file) => file.endsWith('.deb'))
  return debs.every((file) => tryRun('dpkg-deb', ['--extract', join(archives, file), root]) === 0)
}

/** Where this machine gets the packages of Debian. */
function mirrorOfMachine() {
  const lines = ask('apt-get', ['indextargets', '--format', '$(LABEL) $(REPO_URI)', 'Created-By: Packages'])?.split('\n') ?? []
  return lines.find((line) => line.startsWith('Debian '))?.slice('Debian '.length)
}

function place() {
  return join(cache(), 'apt-3@trixie')
}
