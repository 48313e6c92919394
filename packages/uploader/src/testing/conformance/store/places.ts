import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../contract/clock.js'
import { createEnvironment } from '../../../environment.js'
import { DirectoryStore } from '../../../store/directory/index.js'
import { storePath } from '../../../store/index.js'
import { openGoogle, openS3 } from '../../../store/s3/index.js'
import { tls } from '../../authority.js'
import { startGcs } from '../../gcs/index.js'
import { MemoryFiles, MemoryStore } from '../../memory-store.js'
import { startS3 } from '../../s3/index.js'
import type { Faults } from '../../server/faults.js'
import { type Buckets, gcsAccounts, gcsKeyOf, nowhere, s3Accounts, s3KeysOf, type Who } from '../places.js'
import type { StorePlace } from './place.js'

/** Empty places of every store that comes with Stagegate, for its conformance tests: of the project's own tests. */
export async function directoryStorePlace(): Promise<StorePlace> {
  const folder = await mkdtemp(join(tmpdir(), 'store-'))
  const root = join(folder, 'store')
  return {
    store: new DirectoryStore(root),
    another: () => new DirectoryStore(root),
    // A folder that leads to itself is one that the system cannot look into, for root either.
    async failing() {
      await symlink('loop', join(folder, 'loop'))
      return new DirectoryStore(join(folder, 'loop'))
    },
    remove: (path) => rm(join(root, path)),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

/** A folder of a bucket. */
export async function s3StorePlace(): Promise<StorePlace> {
  const server = await startS3({ tls, accounts: s3Accounts })
  const at = { bucket: { name: 'packages', style: 'path' }, region: 'eu-central-1', prefix: storePath('linux') } as const
  return bucketStorePlace(
    server,
    (who, origin) => openS3({ ...at, origin, keys: s3KeysOf(who) }, createEnvironment({ variables: {} })).store,
  )
}

/** A folder of a bucket of Google. */
export async function gcsStorePlace(): Promise<StorePlace> {
  const server = await startGcs({ tls, accounts: gcsAccounts, maxPerPage: 3 })
  const at = { bucket: { name: 'packages', style: 'path' }, prefix: storePath('linux') } as const
  return bucketStorePlace(
    server,
    (who, origin) => openGoogle({ ...at, origin, keys: gcsKeyOf(who) }, createEnvironment({ variables: {} })).store,
  )
}

function bucketStorePlace(server: Buckets, open: (who: Who, origin: string) => StorePlace['store']): StorePlace {
  const writes = () => open('writes', server.url)
  return {
    store: writes(),
    another: writes,
    unreachable: () => open('writes', nowhere),
    failing() {
      server.faults.add({ times: Number.POSITIVE_INFINITY, do: { answer: 500 } })
      return writes()
    },
    refused: () => open('nobody', server.url),
    readOnly: () => open('reads', server.url),
    losingAnswers() {
      losing(server.faults)
      return writes()
    },
    remove(path) {
      server.objects().delete(`linux/${path}`)
    },
    async close() {
      await server.close()
      if (server.violations.length > 0) throw new Error(server.violations.join(', '))
    },
  }
}

function losing(faults: Faults): void {
  faults.add({ on: { method: 'PUT', path: /conformance/ }, do: { commitThenReset: true } })
}

export function memoryStorePlace(): StorePlace {
  const files = new MemoryFiles()
  const open = () => new MemoryStore(files, systemClock)
  return {
    store: open(),
    another: open,
    losingAnswers() {
      let isLost = false
      return new MemoryStore(files, systemClock, (what, when) => {
        if (isLost || when === 'before' || !/^(?:create|replace)/.test(what)) return
        isLost = true
        throw new Error('ECONNRESET')
      })
    },
    remove: (path) => void files.files.delete(path),
  }
}
