import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Approval,
  deploymentVariables,
  digestOf,
  documentText,
  GateError,
  jobFiles,
  jobFolders,
  parseApproval,
  parseReceipt,
  parseReleaseManifest,
  parseStaging,
  type Receipt,
  type ReleaseManifest,
  type Sha256,
  type StagingAttempt,
  type StagingRecord,
  UsageError,
} from '@stagegate/schema'
import { glob } from 'tinyglobby'
import { readFileIfThere } from './plan-file.js'
import { writeWhole } from './write-whole.js'

/** The longest name of a document, which leaves room for endings. File systems take 255 bytes. */
const longestName = 180

/** A document named after its target, or its deployment. Labels may contain any character and be long; file names may not. */
export function documentPath(kind: Exclude<keyof typeof jobFolders, 'seals'>, name: string): string {
  const whole = encodeURIComponent(name).replaceAll('*', '%2A')
  // Every `%` in an escaped name is followed by something.
  const short = `${whole.slice(0, 100)}%-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`
  return join(jobFolders[kind], `${whole.length > longestName ? short : whole}.json`)
}

/** The path of the release's manifest, or of an optional target's supplement. */
export function manifestPathFor(supplement?: string): string {
  return supplement === undefined ? jobFiles.manifest : documentPath('supplements', supplement)
}

/** The path of the same in the form that GitLab's pipeline view reads. */
export function junitPathFor(path: string): string {
  return path.replace(/\.json$/, '.junit.xml')
}

function digestPathFor(path: string): string {
  return path.replace(/\.json$/, '.sha256')
}

export async function writeDocument(path: string, document: unknown): Promise<void> {
  await writeWhole(path, documentText(document))
}

/** The records of stage jobs; for unfinished ones, what they were about to do. */
export async function readStaging(): Promise<readonly (StagingRecord | StagingAttempt)[]> {
  const paths = await documentsIn('records')
  return Promise.all(paths.map(async (path) => parseStaging(await readFile(path, 'utf8'), path)))
}

/** The receipts of publish jobs in this folder. Skips unreadable ones and passes their paths to `leftAside`. */
export async function readReceipts(leftAside: (path: string) => void): Promise<readonly Receipt[]> {
  const found: Receipt[] = []
  for (const path of await documentsIn('receipts')) {
    try {
      found.push(parseReceipt(await readFile(path, 'utf8'), path))
    } catch {
      leftAside(path)
    }
  }
  return found
}

async function documentsIn(kind: 'records' | 'receipts'): Promise<string[]> {
  const paths = await glob([`${jobFolders[kind]}/*.json`], { dot: true, expandDirectories: false })
  return paths.sort()
}

/** The receipts at these paths. @throws {UsageError} if one does not exist */
export function readNamedReceipts(paths: readonly string[]): Promise<readonly Receipt[]> {
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFileIfThere(path)
      if (text !== undefined) return parseReceipt(text, path)
      throw new UsageError({
        code: 'usage/receipt',
        what: 'there is no receipt',
        where: path,
        next: `publish writes receipts to ${jobFolders.receipts}. Without --receipt, verify reads all layers.`,
      })
    }),
  )
}

/** The manifest, its digest next to it, and, for the release's manifest, both as variables for later jobs. */
export async function writeManifest(manifest: ReleaseManifest, supplement?: string): Promise<Sha256> {
  const digest = digestOf(manifest)
  const path = manifestPathFor(supplement)
  await writeDocument(path, manifest)
  await writeWhole(digestPathFor(path), `${digest}\n`)
  if (supplement !== undefined) return digest
  const { version, manifestDigest } = deploymentVariables
  await writeWhole(jobFiles.variables, `${version}=${manifest.version}\n${manifestDigest}=${digest}\n`)
  return digest
}

/** @throws {GateError} if there is none, or it is not the one that was sealed */
export async function readManifest(path: string = manifestPathFor()): Promise<ReleaseManifest> {
  const text = await readFileIfThere(path)
  if (text === undefined) {
    throw new GateError({
      code: 'gate/no-manifest',
      what: 'there is no release manifest',
      where: path,
      next: 'Run the seal job first. It has not passed, was retried, or its artifacts were erased.',
    })
  }
  const manifest = parseReleaseManifest(text, path)
  const sealed = (await readFileIfThere(digestPathFor(path)))?.trim()
  if (sealed !== undefined && sealed !== digestOf(manifest)) {
    throw new GateError({
      code: 'gate/altered',
      where: path,
      what: `its digest is ${digestOf(manifest)}, but ${sealed} was sealed`,
      next: 'It was changed after sealing. Nothing was published. Run the seal job again and check its list.',
    })
  }
  return manifest
}

export async function writeApproval(approval: Approval): Promise<string> {
  await writeDocument(jobFiles.approval, approval)
  return jobFiles.approval
}

/** @throws {GateError} if there is none */
export async function readApproval(): Promise<Approval> {
  const text = await readFileIfThere(jobFiles.approval)
  if (text !== undefined) return parseApproval(text, jobFiles.approval)
  throw new GateError({
    code: 'gate/approval',
    what: 'nobody approved this release',
    where: jobFiles.approval,
    next: 'Start the approve job first. Nothing was published.',
  })
}
