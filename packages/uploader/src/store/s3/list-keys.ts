import { type Bytes, bytes } from '@stagegate/schema'
import type { Call } from '../../contract/capabilities.js'
import type { Wire } from './wire.js'
import { parseXml, textIn } from './xml.js'

/** A key on a list. */
export interface Listed {
  readonly key: string
  readonly size: Bytes | undefined
}

/** All keys with this prefix, page by page. A page may be the last one although the server says that there are more. */
export async function* listKeys(wire: Wire, prefix: string, call: Call): AsyncGenerator<Listed> {
  const tokens = new Set<string>()
  for (let token: string | undefined; ; ) {
    const query = { 'list-type': '2', prefix, ...(token !== undefined && { 'continuation-token': token }) }
    const answer = await wire.ask({ method: 'GET', key: '', query }, call)
    const root = parseXml(answer.text ?? '')
    if (answer.status !== 200 || root?.name !== 'ListBucketResult') throw wire.unexpected(answer, prefix)
    for (const entry of root.children.filter(({ name }) => name === 'Contents')) {
      const [key, size] = [textIn(entry, 'Key'), textIn(entry, 'Size')]
      if (key !== undefined) yield { key, size: size === undefined || !/^\d{1,15}$/.test(size) ? undefined : bytes(Number(size)) }
    }
    token = textIn(root, 'IsTruncated') === 'true' ? textIn(root, 'NextContinuationToken') : undefined
    if (token === undefined) return
    // A list that starts again has no end.
    if (tokens.has(token)) throw wire.unexpected(answer, prefix)
    tokens.add(token)
  }
}
