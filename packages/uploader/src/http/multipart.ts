import type { Body } from '../repository/capabilities.js'

/** A multipart/form-data body with one file; its length is known before it is sent. */
export interface Multipart {
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly file: { readonly field: string; readonly filename: string; readonly body: Body }
}
