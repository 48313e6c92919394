import type { Readable } from 'node:stream'
import type { PartCoordinates } from '@stagegate/schema'
import type { Call } from '../../contract/capabilities.js'
import { isPage } from './answers.js'
import { accept, collected } from './manifests.js'
import type { Site } from './site.js'

/** The bytes of a blob or a manifest; `undefined` only if the registry says that they do not exist. */
export async function fetchPart(
  site: Site,
  { format, image, digest }: Pick<PartCoordinates, 'format' | 'image' | 'digest'>,
  call: Call,
): Promise<Readable | undefined> {
  const { client, answers } = site
  const path = site.path(image, `${format}s/sha256:${digest}`)
  const headers = format === 'manifest' ? { accept } : undefined
  const answer = await client.download(path, call, { headers, scopes: [site.pull(image)] })
  if (answer.status === 200) {
    if (!isPage(answer)) return answer.stream
    answer.stream.destroy()
    throw answers.strange(answer, path, format === 'blob' ? 'a layer' : 'a manifest')
  }
  const text = (await collected(answer.stream)).toString('utf8')
  if (answer.origin !== client.origin) throw answers.elsewhere(answer.status, answer.origin)
  if (answers.saysAbsent({ ...answer, text })) return undefined
  throw answers.unexpected({ ...answer, text }, path)
}
