// The kinds of repositories of these tests. Two are the tests' own, as somebody else's module would define them.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtIn, defineRepository } from '@stagegate/uploader'
import { webdav } from '@stagegate/uploader/testing'

/**
 * Files that were uploaded to aptly's API, by `FOLDER/FILE`: https://www.aptly.info/doc/api/files/ It has no way to read
 * them back, so their digest is taken from the server's disk.
 */
const aptlyFiles = ownKind('aptly-files', (client, { disk }) => ({
  async observe({ path }, call) {
    const [folder, file] = path.split('/')
    const { status, text } = await client.send({ method: 'GET', path: `/api/files/${folder}` }, call)
    if (status === 404) return { saw: 'absent' }
    if (status !== 200) throw new Error(`answered ${status}`)
    if (!JSON.parse(text).includes(file)) return { saw: 'absent' }
    const sha256 = createHash('sha256')
      .update(readFileSync(join(disk, path)))
      .digest('hex')
    return { saw: 'present', sha256, location: path }
  },
  async create({ coordinates }, body, call) {
    const [folder, filename] = coordinates.path.split('/')
    const file = { field: 'file', filename, body }
    const { status } = await client.send({ method: 'POST', path: `/api/files/${folder}`, body: { fields: [], file } }, call)
    if (status !== 200) throw new Error(`answered ${status}`)
    return { outcome: 'accepted' }
  },
}))

/** Blobs of a registry, by `NAME/SHA256`: OCI distribution specification 1.1, "Pushing blobs". */
const registryBlobs = ownKind('registry-blobs', (client) => ({
  async observe({ path }, call) {
    const [name, digest] = path.split('/')
    const { status } = await client.send({ method: 'HEAD', path: `/v2/${name}/blobs/sha256:${digest}` }, call)
    if (status === 404) return { saw: 'absent' }
    if (status !== 200) throw new Error(`answered ${status}`)
    return { saw: 'present', sha256: digest, location: path }
  },
  async create({ coordinates }, body, call) {
    const [name, digest] = coordinates.path.split('/')
    const session = await client.send({ method: 'POST', path: `/v2/${name}/blobs/uploads/` }, call)
    if (session.status !== 202) throw new Error(`answered ${session.status}`)
    const { pathname, search } = new URL(session.headers.location, client.origin)
    const path = `${pathname}${search}${search === '' ? '?' : '&'}digest=sha256:${digest}`
    const { status } = await client.send({ method: 'PUT', path, body }, call)
    if (status !== 201) throw new Error(`answered ${status}`)
    return { outcome: 'accepted' }
  },
}))

export const kinds = [webdav, ...builtIn, aptlyFiles, registryBlobs]

function ownKind(type, open) {
  return defineRepository({
    type,
    formats: ['file'],
    parse: (settings) => settings,
    open: ({ origin, settings }, environment) => open(environment.http(origin), settings),
  })
}
