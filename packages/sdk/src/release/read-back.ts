import { type Keyword, oneOf } from '../form/keyword.js'
import { either, fields } from '../form/keyword-forms.js'
import { image } from '../keyword/image.js'
import type { JobKeywords } from '../keyword/job-keywords.js'

/** A package manager, and a separate image for the verify job. */
export interface PackageManagerProps {
  readonly by: 'apt' | 'dnf'
  /**
   * An image with the package manager, Node 20.19 or later and a shell, best pinned by digest. Red Hat's Node images have dnf:
   * `registry.access.redhat.com/ubi9/nodejs-22`.
   */
  readonly image: NonNullable<JobKeywords['image']>
}

/**
 * How public repositories are read back. `apt` and `dnf`: by the package manager as well as our own reader of the index. `http`: by that
 * reader alone, or by plain downloads if there is no index. `oci`: as the clients of registries do.
 */
export type ReadBack = 'http' | 'apt' | 'dnf' | 'oci' | PackageManagerProps

export const readBack: Keyword<ReadBack> = either(
  (value): value is Exclude<ReadBack, PackageManagerProps> => typeof value !== 'object',
  oneOf('http', 'apt', 'dnf', 'oci'),
  fields<PackageManagerProps>({ by: oneOf('apt', 'dnf'), image }, 'by', 'image'),
)

/** The client and the image; without an image, the app's is used. */
export function readingOf(given: ReadBack): {
  readonly by: Exclude<ReadBack, PackageManagerProps>
  readonly image?: PackageManagerProps['image']
} {
  return typeof given === 'object' ? given : { by: given }
}
