import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { Busboy } from '@fastify/busboy'
import type { Store } from './store.js'
import type { Digests } from './stored-package.js'

export interface Form {
  /** Those of the package, such as `package[distro_version_id]`; the server ignores all others, as Rails does. */
  readonly fields: ReadonlyMap<string, string>
  readonly file: { readonly filename: string; readonly path: string; readonly digests: Digests } | undefined
}

/** A form that the server does not take, with what it answers. */
export class BadForm extends Error {
  readonly complaints: Readonly<Record<string, readonly string[]>>

  constructor(complaints: Readonly<Record<string, readonly string[]>>) {
    super(JSON.stringify(complaints))
    this.complaints = complaints
  }
}

/**
 * Reads a multipart upload, its one file to the store. An upload that ends too early leaves nothing behind.
 * `received` is told of each piece of the body, and may end it all.
 */
export async function readForm(request: IncomingMessage, store: Store, received: (sum: number) => void): Promise<Form> {
  const type = request.headers['content-type']
  if (type === undefined || !type.startsWith('multipart/form-data')) throw new BadForm({ package_file: ["can't be blank"] })
  const busboy = new Busboy({
    headers: { ...request.headers, 'content-type': type },
    limits: { fields: 10, fieldSize: 64 * 1024, files: 2, parts: 12 },
  })
  const fields = new Map<string, string>()
  const problems: Record<string, string[]> = {}
  let file: Promise<NonNullable<Form['file']>> | undefined
  let open: Readable | undefined

  busboy.on('field', (name, value) => {
    if (!name.startsWith('package[')) return
    if (fields.has(name)) problems[name] = ['is given twice']
    fields.set(name, value)
  })
  busboy.on('file', (field, stream, filename) => {
    // It can be broken off before anybody reads it.
    stream.on('error', () => undefined)
    if (field !== 'package[package_file]') {
      stream.resume()
      return
    }
    if (file !== undefined) {
      problems['package_file'] = ['is given twice']
      stream.resume()
      return
    }
    if (filename === undefined || filename === '') problems['package_file'] = ['has no file name']
    open = stream
    file = store.receive(stream).then((kept) => ({ filename, ...kept }))
    // Looked at below; until then a failure must not count as forgotten.
    file.catch(() => undefined)
  })
  busboy.on('filesLimit', () => {
    problems['package_file'] = ['is one of too many files']
  })

  const parsed = finished(busboy, { readable: false })
  parsed.catch(() => undefined)
  let sum = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      sum += chunk.length
      received(sum)
      if (!busboy.write(chunk)) await Promise.race([parsed, new Promise((resolve) => busboy.once('drain', resolve))])
    }
    busboy.end()
    await parsed
  } catch (error) {
    // Its file would wait for ever for what does not come.
    open?.destroy(new Error('the upload broke off'))
    busboy.destroy()
    const kept = await file?.catch(() => undefined)
    if (kept !== undefined) await store.discard(kept.path)
    throw error
  }
  const kept = await file
  if (Object.keys(problems).length > 0) {
    if (kept !== undefined) await store.discard(kept.path)
    throw new BadForm(problems)
  }
  return { fields, file: kept }
}
