import type { Content } from '@stagegate/schema'
import type { Body, Call, Written } from '../../contract/capabilities.js'
import type { StorePath } from '../path.js'
import type { CopyingStore } from '../store.js'
import { encodeKey } from './bucket.js'
import { base64Of } from './checksum.js'
import { countParts, InParts, type Part, partsOf } from './in-parts.js'
import { forEver, ObjectStore, tooLarge } from './object-store.js'

const unsupported = { outcome: 'unsupported' } as const

/** A store on a server that obeys the condition of an upload in parts: large files are sent that way, and the server can copy parts. */
export class S3Store extends ObjectStore implements CopyingStore {
  /** Whether the server copies between its buckets, as far as is known. */
  #copies = true

  nameOnHost(path: StorePath): string {
    return `${this.#service}/${this.parts.wire.bucket.name}/${encodeKey(this.keyOf(path))}`
  }

  async copy(name: string, path: StorePath, expected: Content, call: Call): Promise<Written | { readonly outcome: 'unsupported' }> {
    const { wire, probe, limits } = this.parts
    const isHere = name.startsWith(`${this.#service}/`)
    // An empty object has no part to copy.
    if (!isHere || !this.#copies || expected.size === 0 || expected.size > limits.single) return unsupported
    await probe.creates(call)
    // CopyObject would replace on most servers. A part of any size can be copied instead, and completing the upload is conditional
    // everywhere.
    const headers = { ...this.describe(expected, forEver), 'x-amz-checksum-algorithm': 'SHA256' }
    const upload = await InParts.begin(wire, this.keyOf(path), headers, call)
    const part = await upload.copy(1, { 'x-amz-copy-source': name.slice(this.#service.length) }, call)
    // One part is the whole object, so the server's checksum of it is the object's. An upload that would not be completed is not started
    // again.
    this.#copies = part?.checksum !== undefined
    return part?.checksum === base64Of(expected.sha256) ? upload.complete([part], call) : unsupported
  }

  protected override async createLarge(path: StorePath, body: Body, call: Call): Promise<Written> {
    const { wire, limits } = this.parts
    if (countParts(body.content.size, limits.part) === undefined) return tooLarge(body.content.size, `10,000 parts of ${limits.part} bytes`)
    const headers = { ...this.describe(body.content, forEver), 'x-amz-checksum-algorithm': 'SHA256' }
    const upload = await InParts.begin(wire, this.keyOf(path), headers, call)
    const parts: Part[] = []
    for await (const data of partsOf(body, limits.part)) parts.push(await upload.send(parts.length + 1, data, call))
    return upload.complete(parts, call)
  }

  /** The server on which the bucket is, without the bucket's own name. */
  get #service(): string {
    const { name, style } = this.parts.wire.bucket
    return style === 'host' ? this.host.replace(`//${name}.`, '//') : this.host
  }
}
