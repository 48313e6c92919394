import { type JsonObject, UsageError } from '@stagegate/schema'
import * as v from 'valibot'

/** A text that `is` accepts. @param expected names it in messages: `the name of a bucket` */
export const named = (is: (text: string) => boolean, expected: string) => v.pipe(v.string(), v.check(is, `expected ${expected}`))

/** How a kind reads its settings. @param otherwise the start of the message about invalid ones. @throws {UsageError} invalid settings */
export function settingsBy<S extends v.GenericSchema>(schema: S, otherwise: string): (settings: JsonObject) => v.InferOutput<S> {
  return (settings) => {
    const parsed = v.safeParse(schema, settings)
    if (parsed.success) return parsed.output
    throw new UsageError({ code: 'usage/settings', what: `${otherwise}: ${parsed.issues[0].message}` })
  }
}

/** How a kind in a folder reads its settings. @throws {UsageError} if they are not a path */
export function pathSettings(whose: string): (settings: JsonObject) => { readonly path: string } {
  return ({ path, ...rest }) => {
    if (typeof path === 'string' && path !== '' && Object.keys(rest).length === 0) return { path }
    throw new UsageError({ code: 'usage/settings', what: `${whose} has one setting, its path` })
  }
}
