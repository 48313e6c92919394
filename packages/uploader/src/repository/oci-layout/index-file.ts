import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type JsonObject, type Sha256, StagegateError } from '@stagegate/schema'
import type { Descriptor } from '../../contract/capabilities.js'
import { isJsonObject, jsonObjectIn } from '../../contract/json-object.js'
import { makeFolder } from '../../make-folder.js'
import { isMissing } from '../../store/directory/below.js'
import { createFile, replaceFile } from '../../store/directory/create-file.js'
import { parseDescriptor } from '../oci/descriptor.js'
import { alone } from './lock.js'

/** OCI image specification 1.1, "Pre-Defined Annotation Keys": the tag of an entry. */
const refName = 'org.opencontainers.image.ref.name'
const indexLimit = 16 * 1024 * 1024

export interface Entry {
  readonly descriptor: Descriptor
  readonly tag: string | undefined
}

/** The `index.json` of a layout: its manifests and their tags. Changed by one process at a time, and never half-written. */
export class IndexFile {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Empty if there is no layout. */
  async entries(): Promise<readonly Entry[]> {
    const json = await this.#read()
    const { manifests } = json ?? { manifests: [] }
    if (!Array.isArray(manifests)) throw this.#broken('has no list of manifests')
    return manifests.map((one) => {
      const descriptor = parseDescriptor(one)
      if (descriptor === undefined) throw this.#broken('has an entry that is not a descriptor with a sha256 digest')
      return { descriptor, tag: tagIn(descriptor.json) }
    })
  }

  /**
   * Changes the entries under the lock. `change` returns the new ones, or `undefined` to change nothing.
   * @returns whether it was changed
   */
  async change(change: (entries: readonly Entry[]) => readonly Entry[] | undefined): Promise<boolean> {
    await makeFolder(this.#folder)
    return alone(this.#folder, async (stillAlone) => {
      const entries = change(await this.entries())
      if (entries === undefined) return false
      await createFile(join(this.#folder, 'oci-layout'), [Buffer.from('{"imageLayoutVersion": "1.0.0"}\n')])
      const manifests = entries.map(({ descriptor, tag }) => tagged(descriptor.json, tag))
      const index = { ...(await this.#read()), schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }
      await stillAlone()
      await replaceFile(join(this.#folder, 'index.json'), [Buffer.from(`${JSON.stringify(index, undefined, 2)}\n`)])
      return true
    })
  }

  async #read(): Promise<JsonObject | undefined> {
    let text: string
    try {
      text = await readFile(join(this.#folder, 'index.json'), 'utf8')
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
    if (text.length > indexLimit) throw this.#broken('is too long')
    const json = jsonObjectIn(text)
    if (json === undefined) throw this.#broken('is not a JSON object')
    return json
  }

  #broken(what: string): StagegateError {
    return new StagegateError({ code: 'layout/broken', what: `the index of the layout ${what}`, where: join(this.#folder, 'index.json') })
  }
}

function tagIn({ annotations }: JsonObject): string | undefined {
  const tag = isJsonObject(annotations) ? annotations[refName] : undefined
  return typeof tag === 'string' ? tag : undefined
}

/** The entry with this tag, with all of its other properties. */
function tagged(json: JsonObject, tag: string | undefined): JsonObject {
  const { annotations, ...rest } = json
  const others = Object.entries(isJsonObject(annotations) ? annotations : {}).filter(([name]) => name !== refName)
  const all = Object.fromEntries([...others, ...(tag === undefined ? [] : [[refName, tag] as const])])
  return Object.keys(all).length === 0 ? rest : { ...rest, annotations: all }
}

/** The location of a part in a layout. */
export function blobPath(digest: Sha256): string {
  return `blobs/sha256/${digest}`
}
