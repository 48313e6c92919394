import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../contract/clock.js'
import { createEnvironment } from '../../../repository/environment.js'
import { DirectoryStore } from '../../../store/directory/index.js'
import { storePath } from '../../../store/index.js'
import { openGoogle, openS3 } from '../../../store/s3/index.js'
import { tls } from '../../authority.js'
import { startGcs } from '../../gcs/index.js'
import { MemoryFiles, MemoryStore } from '../../memory-store.js'
import { startS3 } from '../../s3/index.js'
import { type Buckets, everybody, gcsAccounts, gcsKeyOf, s3Accounts, s3KeysOf, type Who } from '../places.js'
import { meansAt } from '../server-place.js'
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
  const at = { accounts: everybody, open, lost: [{ method: 'PUT', path: /conformance/ }] }
  return {
    store: open('writes', server.url),
    ...meansAt<Who, StorePlace['store']>(server, at),
    remove(path) {
      server.objects().delete(`linux/${path}`)
    },
  }
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
