import { type Bytes, type Content, type Sha256, StagegateError } from '@stagegate/schema'

/** The bytes that were read are not the sealed ones. `seen.sha256` is undefined if reading stopped early. */
export class ContentMismatch extends StagegateError {
  /** The bytes that were sealed, or listed. */
  readonly expected: Content
  /** The bytes that were read. Without a digest, there were too many or too few. */
  readonly seen: { readonly sha256: Sha256 | undefined; readonly size: Bytes }

  constructor(expected: Content, seen: { sha256: Sha256 | undefined; size: Bytes }, where?: string) {
    const read = seen.sha256 === undefined ? `more: at least ${seen.size}` : `sha256 ${seen.sha256} of ${seen.size} bytes`
    super({
      code: 'content/mismatch',
      where,
      what: `expected sha256 ${expected.sha256} of ${expected.size} bytes, read ${read}`,
      next: 'The bytes were changed or truncated after they were recorded. Find out how before you continue.',
    })
    this.expected = expected
    this.seen = seen
  }
}
