import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import {
  type Approval,
  digestOf,
  documentText,
  GateError,
  parseApproval,
  parseReceipt,
  parseReleaseManifest,
  parseStagingRecord,
  type Receipt,
  type ReleaseManifest,
  type Sha256,
  type StagingRecord,
  UsageError,
} from '@stagegate/schema'
import { glob } from 'tinyglobby'
import { readFileIfThere } from './plan-file.js'

const folder = '.stagegate'

/** A document named after its target, or its deployment. Labels can hold any character; file names cannot. */
export function documentPath(kind: 'records' | 'receipts' | 'verifications' | 'supplements' | 'deployments', name: string): string {
  return join(folder, kind, `${encodeURIComponent(name).replaceAll('*', '%2A')}.json`)
}

/** Where the manifest of the release lies, or the supplement of an optional target. */
export function manifestPathFor(supplement?: string): string {
  return supplement === undefined ? join(folder, 'release-manifest.json') : documentPath('supplements', supplement)
}

/** Where the same lies as GitLab's pipeline view reads it. */
export function junitPathFor(path: string): string {
  return path.replace(/\.json$/, '.junit.xml')
}

function digestPathFor(path: string): string {
  return path.replace(/\.json$/, '.sha256')
}

/** Whole or not at all, so that a job that is killed leaves no half a document. */
export async function writeDocument(path: string, document: unknown): Promise<void> {
  await writeWhole(path, documentText(document))
}

export async function readRecords(): Promise<readonly StagingRecord[]> {
  const paths = await glob([`${folder}/records/*.json`], { dot: true, expandDirectories: false })
  paths.sort()
  return Promise.all(paths.map(async (path) => parseStagingRecord(await readFile(path, 'utf8'), path)))
}

/** @throws {UsageError} when one is not there */
export function readReceipts(paths: readonly string[]): Promise<readonly Receipt[]> {
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFileIfThere(path)
      if (text !== undefined) return parseReceipt(text, path)
      throw new UsageError({
        code: 'usage/receipt',
        what: 'there is no receipt',
        where: path,
        next: 'publish writes one to .stagegate/receipts; without --receipt all layers are read.',
      })
    }),
  )
}

/** The manifest, its digest beside it, and (for that of the release) both for later jobs as variables. */
export async function writeManifest(manifest: ReleaseManifest, supplement?: string): Promise<Sha256> {
  const digest = digestOf(manifest)
  const path = manifestPathFor(supplement)
  await writeDocument(path, manifest)
  await writeWhole(digestPathFor(path), `${digest}\n`)
  if (supplement !== undefined) return digest
  await writeWhole(join(folder, 'release.env'), `STAGEGATE_VERSION=${manifest.version}\nSTAGEGATE_MANIFEST_DIGEST=${digest}\n`)
  return digest
}

/** @throws {GateError} when there is none, or it is not the one that was sealed */
export async function readManifest(path: string = manifestPathFor()): Promise<ReleaseManifest> {
  const text = await readFileIfThere(path)
  if (text === undefined) {
    throw new GateError({
      code: 'gate/no-manifest',
      what: 'there is no release manifest',
      where: path,
      next: 'The seal job has not passed, was retried, or its artifacts were erased: run it again first.',
    })
  }
  const manifest = parseReleaseManifest(text, path)
  const sealed = (await readFileIfThere(digestPathFor(path)))?.trim()
  if (sealed !== undefined && sealed !== digestOf(manifest)) {
    throw new GateError({
      code: 'gate/altered',
      where: path,
      what: `its digest is ${digestOf(manifest)}, and ${sealed} was sealed`,
      next: 'It was changed after sealing. Nothing was published; run the seal job again and look at its list.',
    })
  }
  return manifest
}

/** As `writeDocument`, for what is no JSON. */
export async function writeWhole(path: string, text: string): Promise<void> {
  // Of a relative path in a folder that was deleted, node tries for ever.
  await mkdir(dirname(resolve(path)), { recursive: true })
  await writeFile(`${path}.part`, text)
  await rename(`${path}.part`, path)
}

const approvalPath = join(folder, 'approval.json')

export async function writeApproval(approval: Approval): Promise<string> {
  await writeDocument(approvalPath, approval)
  return approvalPath
}

/** @throws {GateError} when there is none */
export async function readApproval(): Promise<Approval> {
  const text = await readFileIfThere(approvalPath)
  if (text !== undefined) return parseApproval(text, approvalPath)
  throw new GateError({
    code: 'gate/approval',
    what: 'nobody has approved this release',
    where: approvalPath,
    next: 'Start the approve job first. Nothing was published.',
  })
}
