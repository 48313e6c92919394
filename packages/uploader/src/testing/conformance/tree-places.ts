import { join } from 'node:path'
import { generateKey } from 'openpgp'
import { files, type Place as OnPlace } from '../../repository/place.js'
import { aptRepository, yumRepository } from '../../repository/trees.js'
import { tls } from '../authority.js'
import { startGcs } from '../gcs/index.js'
import { startS3 } from '../s3/index.js'
import type { Place } from './place.js'
import { bucketPlace, folderPlace, gcsAccounts, gcsKeyOf, s3Accounts, s3KeysOf, type Who } from './places.js'

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
/** In such a bucket of Google. */
export const filesGcsPlace = () => treeAtGoogle(filesBelow)
export const aptGcsPlace = () => treeAtGoogle(aptRepository)

const made = generateKey({ userIDs: { name: 'Acme', email: 'acme@example.org' }, format: 'armored' })
const signWith = async () => (await made).privateKey

async function treeInFolder(layout: Layout): Promise<Place> {
  return folderPlace(
    (on) => layout({ on, signWith }),
    (root, location) => [join(root, location)],
  )
}

/** The write of a package is lost, and that of the file by which the index is found. */
const lost = [/\.(?:deb|rpm|bin)$/, /\/(?:InRelease|repomd\.xml)$/]

async function treeInBucket(layout: Layout): Promise<Place> {
  const server = await startS3({ tls, accounts: s3Accounts, publicPrefixes: ['linux/'] })
  const on = { bucket: 'packages', region: 'eu-central-1', prefix: 'linux' }
  const open = (who: Who, endpoint: string) => layout({ on: { ...on, endpoint, credentials: s3KeysOf(who) }, signWith })
  return bucketPlace(server, open, lost)
}

async function treeAtGoogle(layout: Layout): Promise<Place> {
  const server = await startGcs({ tls, accounts: gcsAccounts, publicPrefixes: ['linux/'] })
  const on = { gcs: 'packages', prefix: 'linux' }
  const open = (who: Who, endpoint: string) => layout({ on: { ...on, endpoint, credentials: gcsKeyOf(who) }, signWith })
  return bucketPlace(server, open, lost)
}
