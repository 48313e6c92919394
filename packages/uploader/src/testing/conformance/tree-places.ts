import { join } from 'node:path'
import { generateKey } from 'openpgp'
import { files, type Place as OnPlace } from '../../repository/place.js'
import { aptRepository, yumRepository } from '../../repository/trees.js'
import { tls } from '../authority.js'
import { startS3 } from '../s3/index.js'
import type { Place } from './place.js'
import { failing, folderPlace, losing, nowhere } from './places.js'

type Layout = (options: { readonly on: OnPlace; readonly signWith: () => Promise<string> }) => Place['repository']

/** A folder of a store, without an index. */
const filesBelow: Layout = ({ on }) => files({ on, path: 'releases' })

/** Empty places of repositories on a store, for their conformance tests: in a folder. */
export const filesDirectoryPlace = () => treeInFolder(filesBelow)
export const aptDirectoryPlace = () => treeInFolder(aptRepository)
export const yumDirectoryPlace = () => treeInFolder(yumRepository)
/** In a bucket that everybody may read. */
export const filesS3Place = () => treeInBucket(filesBelow)
export const aptS3Place = () => treeInBucket(aptRepository)
export const yumS3Place = () => treeInBucket(yumRepository)

const made = generateKey({ userIDs: { name: 'Acme', email: 'acme@example.org' }, format: 'armored' })
const signWith = async () => (await made).privateKey

async function treeInFolder(layout: Layout): Promise<Place> {
  return folderPlace(
    (on) => layout({ on, signWith }),
    (root, location) => [join(root, location)],
  )
}

async function treeInBucket(layout: Layout): Promise<Place> {
  const accounts = { AKIDWRITES: { secretAccessKey: 'writes' }, AKIDREADS: { secretAccessKey: 'reads', may: 'read' } } as const
  const server = await startS3({ tls, accounts, publicPrefixes: ['linux/'] })
  const open = (id: string, secret: string, endpoint = server.url) => {
    const credentials = { accessKeyId: { value: id }, secretAccessKey: { value: secret } }
    return layout({ on: { bucket: 'packages', region: 'eu-central-1', prefix: 'linux', endpoint, credentials }, signWith })
  }
  const writes = () => open('AKIDWRITES', 'writes')
  return {
    repository: writes(),
    another: writes,
    unreachable: () => open('AKIDWRITES', 'writes', nowhere),
    failing: () => failing(server.faults, writes()),
    refused: () => open('AKIDNOBODY', 'writes'),
    readOnly: () => open('AKIDREADS', 'reads'),
    // That of a package, and that of the file by which the index is found.
    losingAnswers() {
      losing(server.faults, { method: 'PUT', path: /\.(?:deb|rpm|bin)$/ }, writes())
      return losing(server.faults, { method: 'PUT', path: /\/(?:InRelease|repomd\.xml)$/ }, writes())
    },
    remove(location) {
      server.objects().delete(`linux/${location}`)
    },
    async close() {
      await server.close()
      if (server.violations.length > 0) throw new Error(server.violations.join(', '))
    },
  }
}
