// Programs that are built from Go modules, since Debian has none of these versions: once per version, into the user's cache.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cache, isInstalled, step, tryRun } from './shell.mjs'

const modules = {
  registry: { path: 'github.com/distribution/distribution/v3/cmd/registry', version: 'v3.1.2' },
  oras: { path: 'oras.land/oras/cmd/oras', version: 'v1.3.6' },
  versitygw: { path: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0' },
  // By choice (other-servers.mjs): these take minutes to build.
  minio: { path: 'github.com/minio/minio', version: 'v0.0.0-20260212201848-7aac2a2c5b7c' },
  weed: {
    path: 'github.com/seaweedfs/seaweedfs/weed',
    version: 'v0.0.0-20261109003541-7506e5f91cd6',
    // Its own go.mod replaces this one, which go install does not take over.
    replaces: 'github.com/tyler-smith/go-bip39 => github.com/cosmos/go-bip39 v1.0.0',
  },
  crane: { path: 'github.com/google/go-containerregistry/cmd/crane', version: 'v0.22.1' },
}

/** See go-tools.d.mts. */
export function builtGoTool(name) {
  const file = fileOf(name)
  if (!existsSync(file)) throw new Error(`This test needs ${howToGet(name)} Run npm test once: it builds it.`)
  return file
}

/** See go-tools.d.mts. */
export function goTool(name) {
  const { version } = modules[name]
  const file = fileOf(name)
  if (existsSync(file)) return file
  if (!isInstalled('go')) return undefined
  step(`building ${name} ${version}, once for this machine; this takes minutes`)
  mkdirSync(cache(), { recursive: true })
  // A folder beside the place: a rename is whole or not at all, also where two commands build at once.
  const folder = mkdtempSync(join(cache(), '.building-'))
  try {
    if (!build(modules[name], folder, name)) return undefined
    renameSync(join(folder, name), file)
    return file
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Whether the program lies in the folder then. */
function build({ path, version, replaces }, folder, name) {
  const go = (...words) => tryRun('go', words, { cwd: folder, env: { GOBIN: folder, CGO_ENABLED: '0' } }) === 0
  if (replaces === undefined) return go('install', `${path}@${version}`)
  return (
    go('mod', 'init', 'built') &&
    go('mod', 'edit', `-replace=${replaces.replace(' => ', '=').replace(' v', '@v')}`) &&
    go('get', '-tool', `${path}@${version}`) &&
    go('build', '-o', name, path)
  )
}

/** See go-tools.d.mts. */
export function howToGet(name) {
  const { path, version } = modules[name]
  return `${name} ${version}. It is built from ${path} when Go is installed (https://go.dev/doc/install).`
}

function fileOf(name) {
  return join(cache(), `${name}@${modules[name].version}`)
}
