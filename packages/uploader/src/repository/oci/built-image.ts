import type { Content } from '@stagegate/schema'
import type { ImageRepository } from '../../contract/capabilities.js'

/** An image that the build left, as an OCI layout for example, instead of pushing it to staging itself. */
export interface BuiltImage {
  /** The layout, as a repository to read from. */
  readonly source: ImageRepository
  /** Its path. */
  readonly from: string
  /** The image's name in the layout. */
  readonly image: string
  /** The content of its top manifest. */
  readonly content: Content
}
