// Asks the kind of repository of own-repository.ts for all that a repository promises: node --test dist/own-repository.test.js
import { test } from 'node:test'
import { openRepository } from '@stagegate/uploader'
import { type Fault, repositoryConformance, startFileServer } from '@stagegate/uploader/testing'
import { shelf } from './own-repository.js'

const open = (server: string, value = 'a-token') => openRepository(shelf, { server, credentials: [{ value }], settings: { path: '/' } })

async function emptyPlace() {
  const { url, faults, files, close } = await startFileServer({ token: 'a-token', readToken: 'for-readers' })
  const broken = (fault: Fault) => {
    faults.add(fault)
    return open(url)
  }
  return {
    repository: open(url),
    another: () => open(url),
    unreachable: () => open('http://127.0.0.1:1'),
    failing: () => broken({ times: Number.POSITIVE_INFINITY, do: { answer: 500 } }),
    losingAnswers: () => broken({ on: { method: 'PUT' }, do: { commitThenReset: true } }),
    refused: () => open(url, 'another-token'),
    readOnly: () => open(url, 'for-readers'),
    remove: (location: string) => void files.delete(decodeURIComponent(location)),
    close,
  }
}

const options = { formats: ['file'], without: ['served', 'copy', 'tags', 'referrers'] } as const
for (const { name, run } of repositoryConformance(emptyPlace, options)) test(name, run)
