import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  comparePipelines,
  directory,
  FileTarget,
  files,
  PublicRepo,
  type RepositoryAddress,
  Secret,
  StagingRepo,
  sentenceOf,
} from '../index.js'
import { emptyRelease, pinned } from '../testing/small-release.js'

const address: RepositoryAddress = {
  type: 'shelf',
  module: './release/s3.mjs',
  origin: 'https://s3.example',
  formats: ['deb', 'rpm', 'file'],
  read: [],
  write: [Secret.variable('S3_TOKEN')],
  settings: { bucket: 'acme' },
}
const source = "import { createHmac } from 'node:crypto'\nexport default { type: 'shelf' }\n"

function appWith(change: Partial<RepositoryAddress> = {}) {
  const { app, tagged, release } = emptyRelease(pinned)
  const staging = new StagingRepo(app, 'files', { at: directory('/srv/files') })
  const downloads = new PublicRepo(app, 'downloads', { at: { ...address, ...change } })
  new FileTarget(release, 'binaries', { build: { script: ['make'] }, files: 'out/*', routes: [{ on: tagged, staging, public: downloads }] })
  return { app, downloads }
}

const synthesize = (text: string | undefined = source, change: Partial<RepositoryAddress> = {}) =>
  appWith(change).app.synth({ readLocal: (path) => (path === 'release/s3.mjs' ? text : undefined) })

describe('a module of a repository’s type', () => {
  const synthesis = synthesize()

  test('is pinned by the plan', () => {
    expect(synthesis.issues).toEqual([])
    const sha256 = createHash('sha256').update(source).digest('hex')
    expect(synthesis.plan.repositories['downloads']).toMatchObject({ type: 'shelf', module: { path: 'release/s3.mjs', sha256 } })
  })

  test('is passed on by prepare, beside the command', () => {
    expect(synthesis.document.jobs['prepare']).toMatchObject({
      script: expect.arrayContaining(['mkdir -p .stagegate/modules/release', 'cp release/s3.mjs .stagegate/modules/release/s3.mjs']),
      artifacts: { paths: ['.stagegate/stagegate.mjs', '.stagegate/release-plan.json', '.stagegate/modules/release/s3.mjs'] },
    })
  })

  test('defines the store of a repository on one', () => {
    const { type, ...on } = files({ on: address, path: 'releases' })
    const laid = synthesize(source, { type, ...on })
    expect(laid.issues).toEqual([])
    expect(laid.plan.repositories['downloads']).toMatchObject({
      type: 'files',
      module: { path: 'release/s3.mjs' },
      settings: { on: { type: 'shelf', bucket: 'acme' }, path: 'releases' },
    })
  })

  test('that changes is different code with the credentials: a reviewer sees it', () => {
    const yaml = (one: ReturnType<typeof synthesize>) => ({ yaml: one.files[0]?.text ?? '', plan: one.plan })
    const weakened = {
      what: 'weakened',
      job: undefined,
      kinds: [],
      message: 'the credentials of downloads go to different code: release/s3.mjs is new or has changed',
    }
    expect(comparePipelines(yaml(synthesis), yaml(synthesize(`${source}// changed\n`)))).toMatchObject({
      changes: expect.arrayContaining([expect.objectContaining(weakened)]),
    })
    expect(comparePipelines(yaml(synthesis), yaml(synthesize()))).toMatchObject({ changes: [] })
  })
})

describe('an issue is', () => {
  test.each<[string, string | undefined, Partial<RepositoryAddress>, string]>([
    ['a type that nobody brings', source, { module: undefined }, 'is of the type shelf, which is not built in, and no module provides it'],
    [
      'a type of the command’s own',
      source,
      { type: 'registry' },
      'is of the type registry, which is built in, so the module ./release/s3.mjs cannot provide it',
    ],
    ['a file that is not there', undefined, { module: './other.mjs' }, 'its module ./other.mjs is not in the project'],
    ['a file outside', source, { module: '../s3.mjs' }, 'its module "../s3.mjs" is not the path of a .mjs or .js file in the project'],
    ['an absolute path', source, { module: '/s3.mjs' }, 'its module "/s3.mjs" is not the path'],
    ['a package', source, { module: '@acme/s3' }, 'its module "@acme/s3" is not the path'],
    ['TypeScript', source, { module: './s3.ts' }, 'its module "./s3.ts" is not the path'],
    ['an import of a file', "import { a } from './a.mjs'", {}, 'its module ./release/s3.mjs imports ./a.mjs'],
    ['an import of several lines', "import {\n  a,\n} from '@acme/a'", {}, 'imports @acme/a'],
    ['an import for its effects', "import 'x'", {}, 'imports x'],
    ['an export of another file', "export * from './b.mjs'", {}, 'imports ./b.mjs'],
  ])('%s', (_what, text, change, sentence) => {
    const issues = synthesize(text, change).issues.filter(({ code }) => code === 'routes/module')
    expect(issues).toMatchObject([{ severity: 'error', path: 'downloads' }])
    expect(issues.map(sentenceOf).join()).toContain(sentence)
  })

  test('a module that nobody read; what the pipeline is can still be asked', () => {
    const synthesis = appWith().app.synth()
    expect(synthesis.issues).toMatchObject([{ code: 'routes/module', is: 'not-read' }])
    expect(synthesis.files).toEqual([])
    expect(synthesis.pipeline({ tag: 'v1.2.3', protected: true }).manual).toEqual(['publish: [binaries]'])
  })

  test('no word of a comment or a text that looks like an import', () => {
    const text = `${source}const text = "import x from 'y'" // from './z'\nexport const a = 1 // taken from './spec'\n`
    expect(synthesize(text).issues).toEqual([])
  })
})
