import { type Keyword, oneOf } from '../form/keyword.js'
import { either, fields } from '../form/keyword-forms.js'
import { image } from '../keyword/image.js'
import type { JobKeywords } from '../keyword/job-keywords.js'

/** A package manager, and the image of its own that the verify job gets. */
export interface PackageManagerProps {
  /** The package manager. */
  readonly by: 'apt' | 'dnf'
  /** An image with the package manager, Node 20.19 or later and a shell; best pinned by digest. dnf is in Red Hat's images of Node: `registry.access.redhat.com/ubi9/nodejs-22`. */
  readonly image: NonNullable<JobKeywords['image']>
}

/**
 * How public repositories are read back. `apt` and `dnf`: by the package manager too, beside our own reader of the index. `http`: by that reader
 * alone, or by plain downloads where there is no index. `oci`: as the clients of registries do.
 */
export type ReadBack = 'http' | 'apt' | 'dnf' | 'oci' | PackageManagerProps

export const readBack: Keyword<ReadBack> = either(
  (value): value is Exclude<ReadBack, PackageManagerProps> => typeof value !== 'object',
  oneOf('http', 'apt', 'dnf', 'oci'),
  fields<PackageManagerProps>({ by: oneOf('apt', 'dnf'), image }, 'by', 'image'),
)

/** By which client, and in which image: the app's, if it has none of its own. */
export function readingOf(given: ReadBack): {
  readonly by: Exclude<ReadBack, PackageManagerProps>
  readonly image?: PackageManagerProps['image']
} {
  return typeof given === 'object' ? given : { by: given }
}
