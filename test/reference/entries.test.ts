import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { errorsOf, packagesBehind, readEntries } from './entry.js'

const names = ['@stagegate/uploader', '@stagegate/uploader/gitlab', '@stagegate/uploader/testing', '@stagegate/schema'] as const
const entries = readEntries([
  'uploader/dist/index.d.ts',
  'uploader/dist/jobs.d.ts',
  'uploader/dist/testing/index.d.ts',
  'schema/dist/index.d.ts',
])

describe.each(names.map((name, at) => ({ name, entry: entries[at] })))('$name', ({ entry }) => {
  test('every type that a signature mentions can be imported', () => {
    expect(entry?.exported.length).toBeGreaterThan(20)
    expect(entry?.unexported).toEqual([])
  })

  test('every export, and every member of an exported interface or class, has a comment', () => {
    expect(entry?.undocumented).toEqual([])
  })
})

test('a program that imports the uploader checks no types but ours and Node’s', () => {
  expect(packagesBehind('uploader/dist/index.d.ts')).toEqual([])
  expect(packagesBehind('schema/dist/validator/index.d.ts')).toEqual(['valibot'])
})

test.each(['sdk/dist/index.d.ts', 'sdk/dist/testing/index.d.ts', 'cli/dist/index.d.ts', 'cli/dist/testing.d.ts'])(
  'a pipeline that imports %s checks the types of constructs beside ours, which come with it',
  (entry) => {
    expect(packagesBehind(entry).filter((name) => name !== 'constructs')).toEqual([])
  },
)

test.each([0, 1])('the uploader’s README has a line for each value of entry %i', (at) => {
  const readme = readFileSync(join(import.meta.dirname, '../../packages/uploader/README.md'), 'utf8')
  const cells = [...readme.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`(\w+)/g)])
  const listed = cells.map(([, name = '']) => name)
  expect(entries[at]?.values.filter((name) => !listed.includes(name))).toEqual([])
  const known = entries.flatMap(({ values }) => values)
  expect(listed.filter((name, index) => !known.includes(name) || listed.indexOf(name) !== index)).toEqual([])
})

test('the examples in the comments of the uploader compile', () => {
  const [root] = entries
  const { values = [], examples = [] } = root ?? {}
  expect(examples.length).toBeGreaterThan(20)
  // The names that examples take as given.
  const given = `
    import { type Environment, type Finding, type Receipt, type ReleaseManifest, type ReleasePlan, type PublishOptions, type RepositoryKind, type TransferEvent, ${values.join(', ')} } from '@stagegate/uploader'
    declare const [manifest, plan, receipt, findings, options, text, error, response, token, source, target, signal, repository, call]:
      [ReleaseManifest, ReleasePlan, Receipt, Finding[], PublishOptions, string, unknown, Response, string, any, any, AbortSignal, any, any]
    declare const [environment, shelfKind]: [Environment, RepositoryKind<string>]
    declare const onEvent: (event: TransferEvent) => void`
  const functions = examples.map(({ name, code }) => `export async function example_${name}() {\n${code}\n}`)
  expect(errorsOf([given, ...functions].join('\n'), join(import.meta.dirname, '..'))).toEqual([])
})

/** As far as esbuild tells of what it made. */
interface Output {
  readonly entryPoint?: string
  readonly inputs: Readonly<Record<string, unknown>>
  readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[]
}
interface Esbuild {
  build(options: object): Promise<{ readonly metafile: { readonly outputs: Readonly<Record<string, Output>> } }>
}

/** The one that tsup builds the packages with. The cast: its types are those of its own package. */
const { build } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild') as Esbuild

/** The files and packages that an import of the uploader's entry loads at once. */
async function loadedBy(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: join(import.meta.dirname, '../../packages/uploader'),
    outdir: 'dist',
    bundle: true,
    write: false,
    metafile: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
  })
  const { outputs } = metafile
  const [first] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entry) ?? []
  const seen = new Set(first === undefined ? [] : [first])
  for (const file of seen) for (const { path, kind } of outputs[file]?.imports ?? []) if (kind === 'import-statement') seen.add(path)
  return [...seen].flatMap((file) => Object.keys(outputs[file]?.inputs ?? { [file]: true }))
}

test('a program without GitLab loads nothing that only jobs need', async () => {
  const loaded = await loadedBy('src/index.ts')
  expect(loaded).toEqual(expect.arrayContaining(['src/verb/release.ts', 'src/http/create-client.ts', '@stagegate/schema']))
  // A decoder, a search for files and GitLab's API are loaded where they are first needed.
  for (const later of [
    'tinyglobby',
    'zstddec',
    'xz-decompress',
    '@fastify/busboy',
    'got',
    '@gitbeaker/rest',
    'openpgp',
    'src/gitlab/resource.ts',
  ])
    expect(loaded).not.toContain(later)
  expect(loaded.filter((file) => /^src\/(?:deployment|gitlab\/(?:ci-lint|patiently)|records\/(?:gitlab|directory))/.test(file))).toEqual([])
})

test('signing loads its library with the first key, and not before', async () => {
  const loaded = await loadedBy('src/signing/index.ts')
  expect(loaded).toContain('src/signing/key-fault.ts')
  expect(loaded).not.toContain('openpgp')
})
