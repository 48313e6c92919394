import type { Origin } from './origin.js'

/** Every document begins with these. */
export interface Document<Kind extends string> {
  /** The version of the format. A reader refuses any other. */
  readonly apiVersion: 'stagegate/v1'
  /** The name of the document's type. */
  readonly kind: Kind
}

/** A document that a job wrote. */
export interface JobDocument<Kind extends string> extends Document<Kind> {
  /** The job that wrote it. */
  readonly origin: Origin
}
