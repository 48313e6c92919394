import { createHash } from 'node:crypto'
import { type PlannedRepository, repositoryTypes, sha256 } from '@stagegate/schema'
import { describe, expect, test } from 'vitest'
import { NotThere } from '../contract/capabilities.js'
import { isFinal } from '../contract/refusal.js'
import { loadKind } from './load-kind.js'
import { builtIn } from './open.js'

const planned = (text: string, type = 's3'): PlannedRepository => ({
  role: 'public',
  type,
  module: { path: 's3.mjs', sha256: sha256(createHash('sha256').update(text).digest('hex')) },
  origin: 'https://s3.example',
  settings: {},
  credentials: { read: [], write: [] },
})
const load = (text: string, of = planned(text)) => loadKind('stable', of, Buffer.from(text))
const kind = "{ type: 's3', formats: ['file'], parse: (settings) => settings, open: () => ({}) }"

describe('a module brings a type', () => {
  test.each([
    ['as an object', `export default ${kind}`],
    ['by a function of the tools', `export default ({ defineRepository }) => defineRepository(${kind})`],
    ['later', `export default async () => (${kind})`],
    ['with modules of node', `import { createHmac } from 'node:crypto'\nimport fs from 'fs'\nexport default (createHmac, fs, ${kind})`],
  ])('%s', async (_how, text) => {
    expect(await load(text)).toMatchObject({ type: 's3', formats: ['file'] })
  })

  test('whose errors are understood', async () => {
    const { open } = await load(
      `export default ({ defineRepository, NotThere, RepositoryRefusal }) => defineRepository({ ...${kind},
        open: () => ({ read() { throw new NotThere('gone') }, observe() { throw new RepositoryRefusal({ code: 's3/denied', what: 'no' }) } }) })`,
    )
    const opened = open(undefined as never, undefined as never)
    expect(() => opened.read?.('x', undefined as never)).toThrow(NotThere)
    expect(() => opened.observe(undefined as never, undefined as never)).toThrow(expect.toSatisfy(isFinal))
  })
})

describe('an error says what is wrong with the module, and where', () => {
  test.each<[string, string, string]>([
    ['other files that it imports', "import './helper.mjs'\nexport default {}", 'it cannot be loaded: '],
    ['packages that it imports', "import { x } from '@acme/s3'\nexport default {}", 'it cannot be loaded: '],
    ['no JavaScript', 'export default {', 'it cannot be loaded: '],
    ['an exception', "throw new Error('no region')", 'it cannot be loaded: no region'],
    ['something else that is thrown', 'throw null', 'it cannot be loaded: null'],
    [
      'an exception when it is called',
      "export default () => { throw new Error('no region') }",
      'its default export was called, and failed: no region',
    ],
    ['no default export', `export const s3 = ${kind}`, 'its default export is not a type of repository'],
    [
      'a type without open',
      "export default { type: 's3', formats: [], parse: (s) => s }",
      'its default export is not a type of repository',
    ],
    ['a class', 'export default class S3 {}', 'its default export was called, and failed: Class constructor S3'],
    [
      'another type',
      `export default { ...${kind}, type: 'gcs\\u001b[31m' }`,
      'it provides the type "gcs\\u001b[31m", but the repository has the type "s3"',
    ],
  ])('%s', async (_what, text, what) => {
    await expect(load(text)).rejects.toMatchObject({
      name: 'UsageError',
      code: 'usage/module',
      where: 's3.mjs, the module of the repository stable',
      what: expect.stringContaining(what),
      next: expect.stringContaining('run stagegate synth'),
    })
    const message = await load(text).catch((error: Error) => error.message)
    expect(message).not.toContain('base64')
    expect(String(message).length).toBeLessThan(700)
  })

  test('settings that its type refuses', async () => {
    await expect(load(`export default { ...${kind}, parse() { throw new Error('it needs a bucket') } }`)).rejects.toMatchObject({
      code: 'usage/settings',
      what: 'it needs a bucket',
      where: 'the repository stable of the type s3',
    })
  })

  test('other bytes than the plan’s, which do not run', async () => {
    const before = globalThis.process.exitCode
    await expect(load('process.exitCode = 77; export default {}', planned(`export default ${kind}`))).rejects.toMatchObject({
      code: 'usage/module',
      what: expect.stringMatching(/^its sha256 is [0-9a-f]{64}, but the plan has [0-9a-f]{64}\. It was not loaded$/),
    })
    expect(globalThis.process.exitCode).toBe(before)
  })
})

test('the types that synth takes without a module are those of the command', () => {
  expect(builtIn.map(({ type }) => type)).toEqual(repositoryTypes)
})
