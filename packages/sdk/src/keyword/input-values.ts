import type { JsonValue } from '@stagegate/schema'
import { authorKeys, json } from '../form/keyword-forms.js'

/** Values for the inputs of an included or triggered file, by their names there. */
export type InputValues = Readonly<Record<string, JsonValue>>

/** @see https://docs.gitlab.com/ci/inputs/ */
export const inputValues = authorKeys(json)
