import type { Job } from './jobs.js'
import { readBytes, type StoredBytes, storedBytes } from './stored-bytes.js'

/** A file of a generic package. */
export interface GenericFile {
  /** Its number; of two with one name, the larger is the newer. */
  readonly id: number
  /** The file's name; with its folders, where it has some, %-encoded as GitLab keeps it. */
  readonly name: string
  /** All of it, as UTF-8. */
  readonly text: string
  /** Its length in bytes. */
  readonly size: number
  /** The digest of its bytes, in hexadecimal. */
  readonly sha256: string
  /** The job that sent it: GitLab shows its pipeline. Nothing of what came with another token. */
  readonly by?: GenericUploader | undefined
  /** Its bytes. */
  read(): Buffer
}

/** A file that somebody else adds. */
export interface GenericFileOptions {
  /** The file's name. */
  readonly name: string
  /** Its bytes, or a text. */
  readonly text?: string | Buffer | undefined
  /** The job that sent it. @default none: it came with another token */
  readonly by?: GenericUploader | undefined
}

/** The job that sent a file. */
export type GenericUploader = Pick<Job, 'pipeline' | 'ref' | 'commit' | 'source' | 'project' | 'user'>

/** The state of a package; uploads ask for the first two only. */
export type PackageStatus = 'default' | 'hidden' | 'processing' | 'error' | 'pending_destruction' | 'deprecated'

/** A file with its bytes. */
export interface FileRow extends GenericFile {
  readonly bytes: StoredBytes
}

/** A package, that is one name with one version in one project. */
export interface PackageRow {
  readonly id: number
  readonly project: number
  readonly name: string
  readonly version: string
  readonly files: FileRow[]
  /** The jobs that sent something, the first one first. */
  readonly by: GenericUploader[]
  status: PackageStatus
  /** How many lists do not have it yet. */
  unseen: number
}

/** Where a file lies: in a project, by name and version. */
export interface Coordinates {
  readonly project: number
  readonly name: string
  readonly version: string
}

/** All packages of all projects. Numbers only grow. */
export class PackageRows {
  #rows: PackageRow[] = []
  #nextPackage = 1
  #nextFile = 1
  readonly #lag: number

  constructor(lag: number) {
    this.#lag = lag
  }

  /** The oldest first. */
  get all(): readonly PackageRow[] {
    return this.#rows
  }

  /** The package that an upload adds to: not one that is about to be deleted. */
  find({ project, name, version }: Coordinates): PackageRow | undefined {
    const isIt = (row: PackageRow) => row.project === project && row.name === name && row.version === version
    return this.#rows.find((row) => isIt(row) && row.status !== 'pending_destruction')
  }

  /** Adds a file, and the package where there is none: the two are made as one. */
  add(at: Coordinates, name: string, bytes: StoredBytes, by: GenericUploader | undefined): { row: PackageRow; file: FileRow } {
    const file = fileRow({ id: this.#nextFile++, name, bytes, by })
    const row = this.find(at) ?? this.#create(at)
    row.files.push(file)
    if (by !== undefined && !row.by.some(({ pipeline }) => pipeline === by.pipeline)) row.by.push(by)
    return { row, file }
  }

  delete({ name, version }: Omit<Coordinates, 'project'>, project: number | undefined): void {
    const isIt = (row: PackageRow) => row.name === name && row.version === version && (project ?? row.project) === row.project
    this.#rows = this.#rows.filter((row) => !isIt(row))
  }

  #create(at: Coordinates): PackageRow {
    const row: PackageRow = { ...at, id: this.#nextPackage++, files: [], by: [], status: 'default', unseen: this.#lag }
    this.#rows.push(row)
    return row
  }
}

/** The file as an upload has made it. */
function fileRow(parts: Pick<FileRow, 'id' | 'name' | 'bytes' | 'by'>): FileRow {
  const { bytes, by, ...rest } = parts
  const row = {
    ...rest,
    size: bytes.size,
    sha256: bytes.sha256,
    ...(by !== undefined && { by }),
    // Tests spread files, and compare them as a whole.
    get text() {
      return readBytes(bytes).toString()
    },
    read: () => readBytes(bytes),
    bytes,
  }
  Object.defineProperty(row, 'bytes', { enumerable: false })
  return row
}

export function bytesOfOptions({ name, text }: GenericFileOptions): StoredBytes {
  if (text === undefined) throw new Error(`${name} has no bytes`)
  return storedBytes(Buffer.from(text))
}
