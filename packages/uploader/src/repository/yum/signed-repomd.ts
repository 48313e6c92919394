import type { Instant } from '@stagegate/schema'
import { isSha256, type Sha256, StagegateError, sha256 } from '@stagegate/schema'
import type { Checking, Signing } from '../indexed/layout.js'

// A separate signature of repomd.xml cannot change in the same moment. So the file also contains one, in comments after its root, which no
// client reads. It always tells writers whether an index is one of theirs.

const formerComment = /^<!-- stagegate-former: ([0-9a-f]{64}) -->$/m
const signatureComment = /<!-- stagegate-signature: ([A-Za-z0-9+/=]{1,16384}) -->\n$/

/** A repomd.xml with the digest of the previous one, and a signature over both. */
export async function signRepomd(repomd: Buffer, former: Sha256 | undefined, signing: Signing, at: Instant): Promise<Buffer> {
  const note = former === undefined ? '' : `<!-- stagegate-former: ${former} -->\n`
  const signed = Buffer.concat([repomd, Buffer.from(note)])
  const signature = Buffer.from(await signing.detached(signed, at)).toString('base64')
  return Buffer.concat([signed, Buffer.from(`<!-- stagegate-signature: ${signature} -->\n`)])
}

/**
 * Checks that a known key has signed it: inside, or in a separate file, as other tools do.
 * @throws {StagegateError} if no known key has
 */
export async function expectSigned(top: Buffer, beside: () => Promise<Buffer | undefined>, checking: Checking): Promise<void> {
  const [comment, signature] = signatureComment.exec(top.toString('latin1')) ?? []
  if (comment !== undefined && signature !== undefined) {
    await checking.detached(top.subarray(0, top.length - comment.length), Buffer.from(signature, 'base64'))
    return
  }
  const file = await beside()
  if (file === undefined)
    throw new StagegateError({
      code: 'repository/index-unsigned',
      what: 'the index has no signature, so its author is unknown',
      next: 'Sign it once with the key of a configured certificate: gpg --armor --detach-sign repomd.xml. Nothing was listed.',
      final: true,
    })
  await checking.detached(top, file)
}

/** The digest of the previous one, if its writer recorded it. */
export function formerIn(top: Buffer): Sha256 | undefined {
  const digest = formerComment.exec(top.toString('latin1'))?.[1] ?? ''
  return isSha256(digest) ? sha256(digest) : undefined
}
