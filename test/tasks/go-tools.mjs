// Programs that are built from Go modules, since Debian has none of these versions: once per version, into the user's cache.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { cache, isInstalled, step, tryRun } from './shell.mjs'

const modules = {
  registry: { path: 'github.com/distribution/distribution/v3/cmd/registry', version: 'v3.1.2' },
  oras: { path: 'oras.land/oras/cmd/oras', version: 'v1.3.6' },
  versitygw: { path: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0' },
  // By choice (other-servers.mjs): it takes minutes to build.
  minio: { path: 'github.com/minio/minio', version: 'v0.0.0-20260212201848-7aac2a2c5b7c' },
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
  const { path, version } = modules[name]
  const file = fileOf(name)
  if (existsSync(file)) return file
  if (!isInstalled('go')) return undefined
  step(`building ${name} ${version}, once for this machine; this takes minutes`)
  mkdirSync(cache(), { recursive: true })
  // A folder beside the place: a rename is whole or not at all, also where two commands build at once.
  const folder = mkdtempSync(join(cache(), '.building-'))
  try {
    const status = tryRun('go', ['install', `${path}@${version}`], { cwd: folder, env: { GOBIN: folder, CGO_ENABLED: '0' } })
    if (status !== 0) return undefined
    renameSync(join(folder, name), file)
    return file
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** See go-tools.d.mts. */
export function howToGet(name) {
  const { path, version } = modules[name]
  return `${name} ${version}. It is built from ${path} when Go is installed (https://go.dev/doc/install).`
}

function fileOf(name) {
  return join(cache(), `${name}@${modules[name].version}`)
}
