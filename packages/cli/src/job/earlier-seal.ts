import { digestOf, GateError, jobFiles, type Origin, parseApproval, parseReleaseManifest, type ReleaseManifest } from '@stagegate/schema'
import { readReceipts } from './documents.js'
import { readFileIfThere } from './plan-file.js'

/**
 * Refuses to seal a version again if a document in this folder shows that it is sealed: then somebody has deleted its record. A rehearsal
 * has its own records, which may be deleted.
 * @throws {GateError} in that case
 */
export async function refuseLostSeal(made: ReleaseManifest): Promise<void> {
  const document = made.origin.rehearsal ? undefined : await earlierSeal(made)
  if (document === undefined) return
  throw new GateError({
    code: 'gate/lost-record',
    where: `${made.release} ${made.version}`,
    what: `${document} shows that this version was sealed before, but its record is gone`,
    next: 'Nothing was sealed. Somebody deleted the record: find out who. Release these artifacts under a new version.',
  })
}

/** The document that shows it. Sealing the same artifacts again changes nothing. */
async function earlierSeal(made: ReleaseManifest): Promise<string | undefined> {
  const text = await readFileIfThere(jobFiles.manifest)
  const manifest = text === undefined ? undefined : parseReleaseManifest(text, jobFiles.manifest)
  const isSame = manifest?.release === made.release && manifest.version === made.version
  if (isSame && artifactsIn(manifest) !== artifactsIn(made)) return jobFiles.manifest
  const approved = await readFileIfThere(jobFiles.approval)
  if (approved !== undefined && isOf(made, parseApproval(approved, jobFiles.approval))) return jobFiles.approval
  const receipts = await readReceipts(() => undefined)
  return receipts.some((receipt) => isOf(made, receipt)) ? 'a receipt' : undefined
}

/** Approvals and receipts have no version: a tag has one for good, and so has a pipeline. */
function isOf({ release, origin }: ReleaseManifest, of: { readonly release: string; readonly origin: Origin }): boolean {
  if (of.release !== release || of.origin.rehearsal) return false
  return of.origin.pipeline === origin.pipeline || ('tag' in origin.ref && digestOf(of.origin.ref) === digestOf(origin.ref))
}

function artifactsIn({ targets }: ReleaseManifest): string {
  return digestOf(targets.flatMap(({ artifacts }) => artifacts.map(({ coordinates, content }) => ({ coordinates, content }))))
}
