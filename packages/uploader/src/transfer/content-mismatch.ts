import { type Bytes, type Content, type Sha256, StagegateError } from '@stagegate/schema'

/** The bytes that came are not those that were sealed. `seen.sha256` is undefined where reading stopped early. */
export class ContentMismatch extends StagegateError {
  readonly expected: Content
  readonly seen: { readonly sha256: Sha256 | undefined; readonly size: Bytes }

  constructor(expected: Content, seen: { sha256: Sha256 | undefined; size: Bytes }) {
    super({
      code: 'content/mismatch',
      what: `expected sha256 ${expected.sha256} of ${expected.size} bytes, read ${seen.sha256 ?? 'more'} of ${seen.size} bytes`,
    })
    this.expected = expected
    this.seen = seen
  }
}
