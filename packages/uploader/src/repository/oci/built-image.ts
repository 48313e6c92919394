import type { Content } from '@stagegate/schema'
import type { ImageRepository } from '../../contract/capabilities.js'

/** An image that the build left, as an OCI layout for example, instead of pushing it to staging itself. */
export interface BuiltImage {
  readonly source: ImageRepository
  readonly from: string
  readonly image: string
  /** The content of its top manifest. */
  readonly content: Content
}
