import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { documentLimit, GateError, type Origin, StagegateError } from '@stagegate/schema'
import type { Call } from '../contract/capabilities.js'
import type { GitlabApi } from '../gitlab/gitlab-api.js'
import { type Patience, patiently } from '../gitlab/patiently.js'
import { type File, ProjectPackages } from '../gitlab/project-packages.js'
import { GitlabRefusal } from '../gitlab/refusal.js'
import { describeUploader, isFrom, type Uploader } from '../gitlab/uploader.js'
import type { Notes } from './notes.js'
import { packagePart } from './package-part.js'

/** The options of `gitlabNotes`. */
export interface GitlabNotesOptions extends Patience {
  /** GitLab's API with the job's token. */
  readonly api: GitlabApi
  /** The project's number. */
  readonly project: number
  /** The prefix of the packages' names, which keeps different kinds of notes apart. */
  readonly prefix: string
  /** Refuses a note that its uploader cannot have written. @default every note counts */
  readonly check?: ((note: StoredNote) => void) | undefined
}

/** A note, and how it was uploaded. */
export interface StoredNote {
  /** The note. */
  readonly text: string
  /** Who uploaded it, according to GitLab. */
  readonly by: Uploader
  /** The package, for messages. */
  readonly where: string
  /** How a person can remove it. */
  readonly removal: string
}

/**
 * Notes in a project's generic packages: a folder is a package, a note is a version of it, and its text a file in that version, named by
 * its digest. Developers can add files and hide a package; maintainers can delete some.
 *
 * GitLab replaces nothing and refuses nothing: a second upload adds a file. The one with the lowest number is the note, for everybody and
 * forever: GitLab creates a version together with its first file in one transaction, under a unique index of project, name and version, so
 * no other file of that version gets a number before the first one is visible.
 *
 * @see https://docs.gitlab.com/user/packages/generic_packages/
 */
export function gitlabNotes(options: GitlabNotesOptions): Notes {
  return {
    find: (folder, file) => patiently(options, (call) => new Note(options, folder, file).find(call).catch(refuse)),
    keep: (folder, file, text) => patiently(options, (call) => new Note(options, folder, file).keep(text, call).catch(refuse)),
  }
}

/** @throws {unknown} a refusal of GitLab in our words, and any other error unchanged */
function refuse(error: unknown): never {
  if (error instanceof GitlabRefusal) throw refused(error.status, error.where)
  throw error
}

function refused(status: number, where: string | undefined): GateError {
  return new GateError({
    code: 'gate/records',
    where,
    what: `the project’s package registry refused it (${status})`,
    next: 'Enable the package registry in the project, and make the user who started the job a developer there. Or keep the records elsewhere: new App({ records: directory(…) }).',
  })
}

/** Notes that only jobs of one pipeline write: the origin's. */
export function pipelineNotes(options: Omit<GitlabNotesOptions, 'check'>, origin: Origin): Notes {
  return gitlabNotes({
    ...options,
    check({ by, where, removal }) {
      if (isFrom(by, origin)) return
      throw new GateError({
        code: 'gate/foreign-note',
        where,
        what: `this note was not written by a job of pipeline ${origin.pipeline}, but by ${describeUploader(by)}`,
        next: `This job ignores the note and started nothing. Find out who wrote it. ${removal}`,
      })
    },
  })
}

class Note {
  readonly #api: GitlabApi
  readonly #packages: ProjectPackages
  readonly #name: string
  readonly #version: string
  readonly #check: GitlabNotesOptions['check']

  constructor({ api, project, prefix, check }: GitlabNotesOptions, folder: string, file: string) {
    this.#api = api
    this.#packages = new ProjectPackages(api, project)
    this.#name = `${prefix}.${packagePart(folder)}`
    this.#version = packagePart(file)
    this.#check = check
  }

  async find(call: Call): Promise<string | undefined> {
    const [found] = await this.#packages.find(this.#name, this.#version, call)
    if (found === undefined) return this.#refuseHidden(call)
    const files = await this.#packages.files(found, call)
    const [first] = files
    if (first === undefined) return undefined
    if (!/^[0-9a-f]{64}\.txt$/.test(first.name)) throw this.#foreign('the stored file is not a Stagegate record', first)
    this.#refuseCovered(first, files)
    const text = await this.#read(first, call)
    this.#check?.({ text, by: first.by, where: this.#where(), removal: this.#removal(first) })
    return text
  }

  /** @throws {StagegateError} also if the result is unknown: doing it again is safe */
  async keep(text: string, call: Call): Promise<string> {
    const before = await this.find(call)
    if (before !== undefined) return before
    const path = this.#path(fileNameOf(text))
    const { status } = await this.#api.put(path, text, call)
    const kept = await this.find(call)
    if (kept !== undefined) return kept
    if (status !== 201) throw refused(status, this.#api.where(path))
    throw new StagegateError({
      code: 'records/not-listed',
      what: 'the server accepted a record but does not list it',
      where: this.#where(),
    })
  }

  /** An upload with `status=hidden` hides a package from the list. Then it is not absent. */
  async #refuseHidden(call: Call): Promise<undefined> {
    const [hidden] = await this.#packages.find(this.#name, this.#version, call, 'hidden')
    if (hidden === undefined) return undefined
    throw new GateError({
      code: 'gate/hidden-record',
      where: this.#where(),
      what: `the record exists but is hidden: ${describeUploader(hidden.by)} wrote its first file, and a later upload hid it`,
      next: [
        'Nothing was done. A maintainer can make it visible with one more upload of any text, using a token that can write packages:',
        `  PUT ${this.#api.where(this.#path('shown.txt'))}?status=default`,
        'The package then lists who added which file, including the one who hid it. Then run the job again.',
      ].join('\n'),
    })
  }

  /** GitLab serves the newest file of a name, so a second file next to ours would be read instead. */
  #refuseCovered(first: File, files: readonly File[]): void {
    const newest = files.findLast(({ name }) => name === first.name)
    if (newest === undefined || newest === first || newest.sha256 === undefined || `${newest.sha256}.txt` === newest.name) return
    throw this.#foreign('a newer file with the same name hides the record', newest)
  }

  async #read(file: File, call: Call): Promise<string> {
    const path = this.#path(file.name)
    const { status, stream } = await this.#api.download(path, call)
    try {
      if (status !== 200) throw refused(status, this.#api.where(path))
      const text = await textOf(stream)
      if (text !== undefined && fileNameOf(text) === file.name) return text
    } finally {
      stream.destroy()
    }
    throw this.#foreign('the stored file does not match the digest in its name', file)
  }

  #path(file: string): string {
    return `${this.#packages.path}/generic/${this.#name}/${this.#version}/${file}`
  }

  #where(): string {
    return `the package ${this.#name} ${this.#version} of the project`
  }

  #removal({ id }: File): string {
    return `A maintainer must delete file ${id} of ${this.#name} ${this.#version} in Deploy > Package registry; then run the job again.`
  }

  #foreign(what: string, file: File): GateError {
    return new GateError({
      code: 'gate/record',
      where: this.#where(),
      what: `${what}; ${describeUploader(file.by)} added it`,
      next: `Nothing was published. Find out who added it. ${this.#removal(file)}`,
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
