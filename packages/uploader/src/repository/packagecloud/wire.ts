import { StagegateError } from '@stagegate/schema'
import * as v from 'valibot'

// The parts of the API's JSON that we use. Unknown fields are ignored; `null` and absence mean the same.

/** Texts that may be null, absent or empty; numbers where the server says so (epoch). */
const maybe = v.pipe(
  v.nullish(v.union([v.string(), v.number()])),
  v.transform((value) => (value === undefined || value === null || value === '' ? undefined : String(value))),
)
const digest = v.pipe(
  maybe,
  v.transform((text) => text?.toLowerCase()),
  v.union([v.undefined(), v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'a sha256'))]),
)

/** Becomes one segment of a path. */
const fileName = v.pipe(v.string(), v.regex(/^(?!\.{1,2}$)[^/\p{Cc}\p{Cs}]{1,255}$/u, 'a file name'))

/** One package in lists and search results (PackageFragment). */
export const PackageRow = v.object({
  name: maybe,
  filename: fileName,
  distro_version: maybe,
  type: maybe,
  version: maybe,
  release: maybe,
  epoch: maybe,
  architecture: maybe,
  /** Null for a while after the upload. */
  sha256sum: digest,
  /** Relative to the site; empty for some types. */
  package_url: maybe,
})
export type PackageRow = v.InferOutput<typeof PackageRow>
export const PackageRows = v.array(PackageRow)

/** The answer of `package_url` (PackageDetails). The size is a text such as "3712" or "3732.0". */
export const PackageDetails = v.object({
  filename: v.string(),
  sha256sum: digest,
  size: v.pipe(
    maybe,
    v.transform((text) => (text === undefined ? undefined : Number(text))),
    v.union([v.undefined(), v.pipe(v.number(), v.safeInteger(), v.minValue(0))]),
  ),
})

/** The answer to an upload: a package, an older form of it, or `{}`. */
export const Uploaded = v.pipe(
  v.union([v.object({ package: v.object({ filename: fileName }) }), v.object({ filename: v.optional(fileName) })]),
  v.transform((answer) => ('package' in answer ? answer.package : answer)),
)

const Version = v.object({ id: v.pipe(v.number(), v.safeInteger()), index_name: maybe })
/** By package type: deb, rpm, and others that are not used here. */
export const Distributions = v.record(v.string(), v.array(v.object({ index_name: maybe, versions: v.array(Version) })))

/** `{"filename": ["has already been taken"]}`. For authentication `{"error": "…"}` is given. */
export const Complaints = v.record(v.string(), v.union([v.array(v.string()), v.string()]))

/** @throws {StagegateError} if it is not JSON, or not of this form */
export function parseAnswer<const S extends v.GenericSchema>(schema: S, text: string, where: string): v.InferOutput<S> {
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text, { abortEarly: true })
  if (result.success) return result.output
  const issue = result.issues[0]
  // The keys of an object may be anything.
  const path = v
    .getDotPath(issue)
    ?.replaceAll(/[^\w.]/g, '?')
    .slice(0, 100)
  throw new StagegateError({
    code: 'repository/unexpected-answer',
    what: `the answer does not fit this API: expected ${issue.expected ?? 'a known value'}${path === undefined ? '' : ` at ${path}`}`,
    where,
    next: 'Check that this is a packagecloud server, and that no proxy answers instead of it.',
  })
}
