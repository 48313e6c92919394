import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { documentLimit, GateError, StagegateError } from '@stagegate/schema'
import * as v from 'valibot'
import type { Call } from '../contract/capabilities.js'
import type { JobApi } from '../gitlab/job-api.js'
import { type Patience, patiently } from '../gitlab/patiently.js'
import type { HttpAnswer } from '../http/client.js'
import type { Notes } from './notes.js'
import { packagePart } from './package-part.js'

export interface GitlabNotesOptions extends Patience {
  readonly api: JobApi
  /** The project's number. */
  readonly project: number
  /** The prefix of the packages' names, which keeps different sorts of notes apart. */
  readonly prefix: string
}

const id = v.pipe(v.number(), v.safeInteger(), v.minValue(1))
const Packages = v.array(v.object({ id, name: v.string(), version: v.nullable(v.string()) }))
const Files = v.array(v.object({ id, file_name: v.string() }))

/**
 * Notes in a project's generic packages: a folder is a package, a file is a version of it, and its text a file in that,
 * named by its digest. Developers can add files, and only maintainers delete some.
 *
 * GitLab replaces nothing and refuses nothing: a second upload is one more file. The one with the lowest number is the note,
 * for everybody and for good: GitLab creates a version together with its first file in one transaction, under a unique
 * index of project, name and version, so that no other file of it can get a number before the first one is there to be seen.
 *
 * @see https://docs.gitlab.com/user/packages/generic_packages/
 */
export function gitlabNotes(options: GitlabNotesOptions): Notes {
  return {
    find: (folder, file) => patiently(options, (call) => new Note(options, folder, file).find(call)),
    keep: (folder, file, text) => patiently(options, (call) => new Note(options, folder, file).keep(text, call)),
  }
}

/** The most pages of a list that are read. */
const mostPages = 50

class Note {
  readonly #api: JobApi
  readonly #name: string
  readonly #version: string
  readonly #packages: string

  constructor({ api, project, prefix }: GitlabNotesOptions, folder: string, file: string) {
    this.#api = api
    this.#name = `${prefix}.${packagePart(folder)}`
    this.#version = packagePart(file)
    this.#packages = `/projects/${project}/packages`
  }

  async find(call: Call): Promise<string | undefined> {
    const query = new URLSearchParams({ package_type: 'generic', package_name: this.#name, package_version: this.#version })
    // GitLab asks for a version since 16.6, and looks for the name anywhere in names.
    const found = (await this.#list(`${this.#packages}?${query}`, Packages, call)).filter(
      ({ name, version }) => name === this.#name && version === this.#version,
    )
    const files: v.InferOutput<typeof Files> = []
    for (const one of found) files.push(...(await this.#list(`${this.#packages}/${one.id}/package_files?`, Files, call)))
    const [first] = files.sort((a, b) => a.id - b.id)
    if (first === undefined) return undefined
    if (!/^[0-9a-f]{64}\.txt$/.test(first.file_name)) throw this.#foreign()
    return this.#read(first.file_name, call)
  }

  /** @throws {StagegateError} also when it cannot be told what became of it: doing it again is safe */
  async keep(text: string, call: Call): Promise<string> {
    const before = await this.find(call)
    if (before !== undefined) return before
    const path = this.#path(fileNameOf(text))
    const headers = { 'content-type': 'application/octet-stream' }
    const answer = await this.#api.send({ method: 'PUT', path, headers, body: text }, call)
    const kept = await this.find(call)
    if (kept !== undefined) return kept
    if (answer.status !== 201) throw this.#refused(answer, path)
    throw new StagegateError({
      code: 'records/not-listed',
      what: 'the server accepted a record and does not list it',
      where: this.#where(),
    })
  }

  /** The newest file of a name is what GitLab gives, hence the look at the bytes. */
  async #read(file: string, call: Call): Promise<string> {
    const path = this.#path(file)
    const { status, stream } = await this.#api.download(path, call)
    try {
      if (status !== 200) throw this.#refused({ status }, path)
      const text = await textOf(stream)
      if (text !== undefined && fileNameOf(text) === file) return text
    } finally {
      stream.destroy()
    }
    throw this.#foreign()
  }

  /** All of a list that comes in pages. */
  async #list<const S extends v.GenericSchema<unknown, readonly unknown[]>>(path: string, schema: S, call: Call) {
    const found: v.InferOutput<S>[number][] = []
    for (let page = 1; page <= mostPages; page++) {
      const answer = await this.#api.send({ method: 'GET', path: `${path}&per_page=100&page=${page}` }, call)
      // It was there a moment ago.
      if (answer.status === 404 && path.includes('/package_files')) return found
      if (answer.status !== 200) throw this.#refused(answer, path)
      const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), answer.text, { abortEarly: true })
      if (!parsed.success)
        throw new StagegateError({ code: 'gitlab/unexpected-answer', what: 'not a list of packages', where: this.#api.where(path) })
      found.push(...parsed.output)
      if (parsed.output.length === 0 || answer.headers['x-next-page'] === '') return found
    }
    throw new GateError({
      code: 'gate/record',
      where: this.#where(),
      what: 'the list of records never ended',
      next: 'Look at the package in the project’s package registry. Nothing was published.',
    })
  }

  #path(file: string): string {
    return `${this.#packages}/generic/${this.#name}/${this.#version}/${file}`
  }

  #where(): string {
    return `the package ${this.#name} ${this.#version} of the project`
  }

  #foreign(): GateError {
    return new GateError({
      code: 'gate/record',
      where: this.#where(),
      what: 'the stored file is not a Stagegate record',
      next: 'Somebody else put it there. Find out who, in the project’s package registry. Nothing was published.',
    })
  }

  #refused({ status }: Pick<HttpAnswer, 'status'>, path: string): GateError {
    return new GateError({
      code: 'gate/records',
      where: this.#api.where(path),
      what: `the project’s package registry refuses it (${status})`,
      next: 'It must be enabled in the project, and whoever started the job must be a developer there. Or record elsewhere: new App({ records: directory(…) }).',
    })
  }
}

function fileNameOf(text: string): string {
  return `${createHash('sha256').update(text).digest('hex')}.txt`
}

async function textOf(stream: Readable): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > 4 * documentLimit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
