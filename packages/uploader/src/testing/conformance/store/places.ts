import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../contract/clock.js'
import { createEnvironment } from '../../../environment.js'
import { DirectoryStore } from '../../../store/directory/index.js'
import { storePath } from '../../../store/index.js'
import { openS3 } from '../../../store/s3/index.js'
import { tls } from '../../authority.js'
import { MemoryFiles, MemoryStore } from '../../memory-store.js'
import { startS3 } from '../../s3/index.js'
import type { Faults } from '../../server/faults.js'
import { nowhere } from '../places.js'
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
  const accounts = { AKIDWRITES: { secretAccessKey: 'writes' }, AKIDREADS: { secretAccessKey: 'reads', may: 'read' } } as const
  const server = await startS3({ tls, accounts })
  const environment = createEnvironment({ variables: {} })
  const open = (id: string, secret: string, origin = server.url) => {
    const keys = { accessKeyId: { value: id }, secretAccessKey: { value: secret } }
    return openS3(
      { origin, bucket: { name: 'packages', style: 'path' }, region: 'eu-central-1', prefix: storePath('linux'), keys },
      environment,
    ).store
  }
  const writes = () => open('AKIDWRITES', 'writes')
  return {
    store: writes(),
    another: writes,
    unreachable: () => open('AKIDWRITES', 'writes', nowhere),
    failing() {
      server.faults.add({ times: Number.POSITIVE_INFINITY, do: { answer: 500 } })
      return writes()
    },
    refused: () => open('AKIDNOBODY', 'writes'),
    readOnly: () => open('AKIDREADS', 'reads'),
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
