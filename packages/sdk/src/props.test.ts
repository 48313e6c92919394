import { describe, expect, test } from 'vitest'
import {
  App,
  Condition,
  ContainerImage,
  Deployment,
  Duration,
  directory,
  FileTarget,
  gitlabRegistry,
  Job,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  packagecloud,
  Release,
  registry,
  Secret,
  StagingRepo,
  sentenceOf,
} from './index.js'

/** What every case can refer to. */
function world() {
  const app = new App({ cli: { pin: false } })
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>.+)$/) })
  const staging = new StagingRepo(app, 'staging', { at: directory('/srv/staging') })
  const stable = new PublicRepo(app, 'stable', { at: directory('/srv/stable') })
  const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
  new PackageTarget(release, 'ubuntu/jammy', { build: { script: ['make'] }, packages: 'x' })
  return { app, tagged, staging, stable, release }
}
type World = ReturnType<typeof world>
type Props = Record<string, unknown>

const build = { script: ['make'] }
const remote = {
  url: 'https://ops.gitlab.example',
  project: 'acme/deployer',
  ref: 'main',
  trigger: Secret.variable('T'),
  read: Secret.variable('R'),
  variables: { A: 'a' },
  inputs: { B: 'b' },
  timeout: Duration.hours(1),
}

/** Each way to give properties, with all that can be given. */
const ways: Readonly<Record<string, readonly [props: (world: World) => Props, make: (world: World, props: never) => unknown]>> = {
  App: [
    () => ({
      cli: { image: 'a', install: ['b'], pin: false, allow: ['HTTPS_PROXY'] },
      defaults: { tags: ['a'] },
      stages: ['prepare'],
      output: 'x.yml',
      project: { url: 'https://gitlab.example', path: 'a/b' },
      gitlab: '>=18.0',
    }),
    (_, props) => new App(props),
  ],
  PipelineKind: [
    () => ({ when: Condition.branch(/./), version: { variable: 'VERSION' }, describe: 'x' }),
    ({ app }, props) => new PipelineKind(app, 'other', props),
  ],
  StagingRepo: [
    () => ({
      at: { type: 'packagecloud', origin: 'https://x.example', formats: ['deb'], read: [Secret.variable('A')], write: [], settings: {} },
    }),
    ({ app }, props) => new StagingRepo(app, 'other', props),
  ],
  PublicRepo: [
    () => ({
      at: { type: 'packagecloud', origin: 'https://y.example', formats: ['deb'], read: [], write: [Secret.variable('A')], settings: {} },
    }),
    ({ app }, props) => new PublicRepo(app, 'other', props),
  ],
  Release: [
    ({ tagged, staging, stable }) => ({
      routes: [{ on: [tagged], staging, public: [stable, { repo: stable, advisory: true }] }],
      hold: Duration.days(3),
      approval: 'once',
      approvals: true,
    }),
    ({ app }, props) => new Release(app, 'other', props),
  ],
  PackageTarget: [
    ({ tagged, staging, stable }) => ({
      build,
      routes: [{ on: tagged, staging, public: stable }],
      optional: true,
      verify: 'http',
      packages: ['dist/*'],
      distribution: 'el/9',
      architecture: 'amd64',
      versions: 'must-match',
      also: ['ol/9'],
    }),
    ({ release }, props) => new PackageTarget(release, 'el/9', props),
  ],
  FileTarget: [
    ({ tagged, staging, stable }) => ({
      build,
      routes: [{ on: tagged, staging, public: stable }],
      optional: true,
      verify: 'http',
      files: ['out/*'],
      path: 'acme/{version}',
    }),
    ({ release }, props) => new FileTarget(release, 'binaries', props),
  ],
  ContainerImage: [
    ({ tagged }) => ({
      build,
      optional: true,
      name: 'acme',
      layout: 'image',
      platforms: ['linux/amd64'],
      tags: ['version', { moving: 'latest', on: [tagged] }],
    }),
    ({ release }, props) => new ContainerImage(release, 'acme', props),
  ],
  'Deployment by script': [
    ({ tagged, release }) => ({
      on: [tagged],
      after: [new Deployment(release, 'first', { script: ['x'] })],
      environment: 'production',
      confirm: ['check'],
      gates: true,
      script: ['deploy'],
      image: 'a',
      variables: { A: 'a' },
      secrets: [Secret.variable('A')],
    }),
    ({ release }, props) => new Deployment(release, 'other', props),
  ],
  'Deployment by trigger': [
    () => ({ trigger: { project: 'a/b', branch: 'main' } }),
    ({ release }, props) => new Deployment(release, 'other', props),
  ],
  'Deployment elsewhere': [() => ({ remote }), ({ release }, props) => new Deployment(release, 'other', props)],
  Job: [
    ({ tagged }) => ({
      on: [tagged],
      script: ['x'],
      secrets: [Secret.variable('A')],
      rules: [{ on: tagged, if: '$A', manual: 'blocking' }],
      artifacts: { paths: ['x'], reports: { junit: ['x'] } },
      cache: [{ key: { files: ['x'] }, paths: ['y'] }],
      exempt: { publishes: 'x', because: 'y' },
    }),
    ({ app }, props) => new Job(app, 'other', props),
  ],
  'Job that publishes': [
    () => ({ publishes: { name: 'brew', because: 'a formula' }, script: ['x'] }),
    ({ app }, props) => new Job(app, 'other', props),
  ],
  packagecloud: [
    () => ({ token: Secret.variable('A'), readToken: Secret.variable('B'), url: 'https://x.example' }),
    (_, props) => packagecloud('a/b', props),
  ],
  registry: [
    () => ({ username: 'a', password: Secret.variable('A'), realms: ['https://x.example'], url: 'https://x.example' }),
    (_, props) => registry('x.example/a', props),
  ],
  gitlabRegistry: [() => ({ gitlab: 'https://x.example', url: 'https://y.example' }), (_, props) => gitlabRegistry('x.example/a', props)],
}

/** All that is said about the properties: what is thrown, and every issue about form. */
function told(way: string, change: (props: Props) => void): readonly string[] {
  const [props, make] = ways[way] ?? []
  if (props === undefined || make === undefined) throw new Error(`no such way: ${way}`)
  const made = world()
  const changed = copied(props(made)) as Props
  change(changed)
  try {
    const result = make(made, changed as never)
    const app = result instanceof App ? result : made.app
    return app
      .synth()
      .issues.filter(({ code }) => code.startsWith('structure/'))
      .map(sentenceOf)
  } catch (error) {
    if (error instanceof Error) return [error.message]
    throw error
  }
}

/** Lists and plain objects are copied, constructs stay themselves. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied)
  return isPlain(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copied(one)])) : value
}

function isPlain(value: unknown): value is Props {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

type Path = readonly (string | number)[]

/** Places of the properties: of plain objects, or of everything else. */
function placesIn(value: unknown, wanted: 'objects' | 'leaves', at: Path = []): readonly Path[] {
  const inner = Array.isArray(value) ? value.map((one, index) => [index, one] as const) : isPlain(value) ? Object.entries(value) : []
  const below = inner.flatMap(([key, one]) => placesIn(one, wanted, [...at, key]))
  const isWanted = wanted === 'objects' ? isPlain(value) : !isPlain(value) && !Array.isArray(value)
  return isWanted ? [at, ...below] : below
}

function parentOf(props: Props, path: Path): Props {
  return path.slice(0, -1).reduce<unknown>((value, key) => (value as Props)[key], props) as Props
}

/** Names in these objects are the author's own. */
const isFree = (path: Path) => ['variables', 'inputs', 'settings', 'reports'].includes(String(path.at(-1)))

const cases = (wanted: 'objects' | 'leaves') =>
  Object.entries(ways).flatMap(([way, [props]]) => placesIn(props(world()), wanted).map((path) => [way, path.join('.'), path] as const))

test.each(Object.keys(ways))('%s takes all of this', (way) => {
  const structural = told(way, () => {}).filter((sentence) => !/does not exist|is in the stage|no job/.test(sentence))
  expect(structural).toEqual([])
})

describe('a property that nothing reads is reported', () => {
  test.each(cases('objects').filter(([, , path]) => !isFree(path)))('in %s at %j', (way, _, path) => {
    const sentences = told(way, (props) => {
      Object.assign(path.reduce<unknown>((value, key) => (value as Props)[key], props) as Props, { xyzzy: 1 })
    })
    expect(sentences.filter((sentence) => sentence.includes('xyzzy'))).not.toEqual([])
  })
})

describe('a value of a class that nothing expects is refused', () => {
  class Odd {}
  test.each(cases('leaves'))('in %s at %j', (way, at, path) => {
    const sentences = told(way, (props) => {
      parentOf(props, path)[path.at(-1) ?? ''] = new Odd()
    })
    expect(
      sentences.filter((sentence) => /\bOdd\b|an object/.test(sentence) || sentence.includes(at) || /Expected/.test(sentence)),
    ).not.toEqual([])
  })
})

describe('a variable that was never set is refused where it decides what goes where', () => {
  test.each([
    ['PublicRepo', 'at'],
    ['StagingRepo', 'at'],
    ['Release', 'routes'],
    ['Release', 'routes.0.on'],
    ['Release', 'routes.0.on.0'],
    ['Release', 'routes.0.staging'],
    ['Release', 'routes.0.public'],
    ['Release', 'routes.0.public.0'],
    ['Release', 'routes.0.public.1.repo'],
    ['PackageTarget', 'build'],
    ['PackageTarget', 'routes'],
    ['PackageTarget', 'routes.0.public'],
    ['FileTarget', 'build'],
    ['FileTarget', 'routes.0.public'],
    ['ContainerImage', 'tags.1.on'],
    ['ContainerImage', 'tags.1.moving'],
    ['Deployment by script', 'on'],
    ['Deployment by script', 'after'],
    ['Deployment by script', 'after.0'],
    ['Deployment by script', 'secrets.0'],
    ['Deployment elsewhere', 'remote'],
    ['Deployment elsewhere', 'remote.trigger'],
    ['Job', 'on'],
    ['Job', 'on.0'],
    ['Job', 'secrets.0'],
    ['Job', 'rules.0.on'],
    ['Job that publishes', 'publishes'],
    ['packagecloud', 'token'],
    ['packagecloud', 'readToken'],
    ['registry', 'username'],
    ['registry', 'password'],
    ['PipelineKind', 'when'],
  ])('in %s at %s', (way, at) => {
    const path = at.split('.')
    const sentences = told(way, (props) => {
      parentOf(props, path)[path.at(-1) ?? ''] = undefined
    })
    expect(sentences).not.toEqual([])
    expect(sentences.join('\n')).not.toContain('Cannot ')
  })
})

describe('a credential that is no Secret is refused, and never repeated', () => {
  const places = cases('leaves').filter(([, at]) => /token|password|secrets\.|read\b|write\.|trigger$|readToken/i.test(at))
  test.each(places)('in %s at %s', (way, _, path) => {
    const sentences = told(way, (props) => {
      parentOf(props, path)[path.at(-1) ?? ''] = 'glpat-0123456789'
    })
    expect(sentences.filter((sentence) => sentence.includes('a Secret'))).toHaveLength(1)
    expect(sentences.join('\n')).not.toContain('glpat')
  })

  test('and the error asks that the line is not shown', () => {
    expect(() => packagecloud('a/b', { token: 'glpat-0123456789' as never })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(
          /^Expected a Secret, such as Secret\.variable\(…\), in token, got a text\. Never write the value itself/,
        ),
        hidesLine: true,
      }),
    )
  })
})

test.each<[string, (world: World) => unknown, string]>([
  [
    'PackageTarget',
    ({ app }) => new PackageTarget(app as never, 'el/9', { build, packages: 'x' }),
    'Expected a Release above the PackageTarget el/9, got an App',
  ],
  [
    'FileTarget',
    ({ app }) => new FileTarget(app as never, 'x', { build, files: 'x' }),
    'Expected a Release above the FileTarget x, got an App',
  ],
  [
    'ContainerImage',
    ({ app }) => new ContainerImage(app as never, 'x', { build }),
    'Expected a Release above the ContainerImage x, got an App',
  ],
  [
    'Deployment',
    ({ stable }) => new Deployment(stable as never, 'x', { script: ['x'] }),
    'Expected a Release above the Deployment x, got a PublicRepo',
  ],
  ['Job', () => new Job({} as never, 'x', { script: ['x'] }), 'Expected a construct above the Job x, got an object'],
  ['Release', () => new Release('app' as never, 'x', { routes: [] }), 'Expected a construct above the Release x, got "app"'],
])('a %s in the wrong place names what it found there', (_, make, message) => {
  expect(() => make(world())).toThrow(message)
})

describe('one mistake is one issue', () => {
  const inLoop = (change: Props) => {
    const { app, release } = world()
    for (const id of ['el/8', 'el/9', 'ubuntu/noble']) new PackageTarget(release, id, { build, packages: 'x', ...change } as never)
    return app
      .synth()
      .issues.filter(({ severity }) => severity === 'error')
      .map(sentenceOf)
  }

  test.each<[string, Props, string]>([
    [
      'packages misspelt',
      { packages: undefined, packges: 'x' },
      'el/8 has packges, which is not one of its properties; and 2 more from this line',
    ],
    [
      'a keyword of the build',
      { build: { sript: ['x'] } },
      'the job build: [el/8] has sript, which is not a keyword; and 2 more from this line',
    ],
  ])('%s, in a loop', (_, change, sentence) => {
    expect(inLoop(change)).toEqual([sentence])
  })

  test('public misspelt in a route, with deployments that wait for it', () => {
    const { app, tagged, staging, stable } = world()
    const other = new Release(app, 'other', { routes: [{ on: tagged, staging, publik: stable } as never] })
    new Deployment(other, 'production', { script: ['x'] })
    const errors = app.synth().issues.filter(({ severity }) => severity === 'error')
    expect(errors.map((issue) => [sentenceOf(issue), issue.help])).toEqual([
      ['other has routes[0].publik, which is not one of its properties', 'Did you mean routes[0].public?'],
    ])
  })
})
