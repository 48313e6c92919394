import type { JsonValue } from '@stagegate/schema'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  App,
  Condition,
  directory,
  Job,
  ociLayout,
  PackageTarget,
  PipelineKind,
  PublicRepo,
  packagecloud,
  Release,
  registry,
  Secret,
  StagingRepo,
} from '../../index.js'
import { Random } from './random.js'

/** `FAMILY_RUNS=1000` goes through more. */
const numRuns = Number(process.env['FAMILY_RUNS'] ?? 20)

function made(when: Condition = Condition.tag(/^v(?<version>\d+)$/)) {
  const app = new App({ project: { path: 'acme/acme' }, cli: { image: `node@sha256:${'0'.repeat(64)}`, sha256: 'a'.repeat(64) } })
  const tagged = new PipelineKind(app, 'release', { when, version: { variable: 'VERSION' } })
  const branch = new PipelineKind(app, 'branch', { when: Condition.branch(/./) })
  const staging = new StagingRepo(app, 'staging', { at: packagecloud('acme/staging', { token: Secret.variable('STAGING_TOKEN') }) })
  const token = Secret.vault('release/packagecloud/token@ops', { as: 'PUBLIC_TOKEN', aud: 'https://vault.example/publish' })
  const stable = new PublicRepo(app, 'stable', { at: packagecloud('acme/stable', { token }) })
  const release = new Release(app, 'acme', { routes: [{ on: branch }, { on: tagged, staging, public: stable }] })
  const target = new PackageTarget(release, 'el/9', { build: { script: ['make'] }, packages: 'dist/*.rpm' })
  return { app, tagged, branch, target }
}

type Made = ReturnType<typeof made>

const account = (variable: string) => ({ username: 'a', password: Secret.variable(variable) })

function places(random: Random): readonly [staging: StagingRepo['at'], published: PublicRepo['at']] {
  const word = random.word()
  const hub = () => random.one('docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com')
  const host = `${random.word()}.example`
  const spelled = () =>
    random.one(`https://${host}`, `http://${host}`, `https://${host}.`, `https://${host.toUpperCase()}`, `https://${host}:443`)
  const local = () =>
    random.one('http://localhost:8080', 'http://127.0.0.1:8080', 'http://127.1.2.3:8080', 'http://[::1]:8080', 'http://x.localhost:8080')
  const cloud = (url: string, variable: string) =>
    packagecloud(random.one<`${string}/${string}`>(`acme/${word}`, `Acme/${word}`), { url, token: Secret.variable(variable) })
  const folder = `/srv/${word}`
  const below = random.one(folder, `${folder}/`, `${folder}/x`, `${folder}/../${word}/y`)
  return random.one<() => readonly [StagingRepo['at'], PublicRepo['at']]>(
    () => [registry(`${hub()}/${word}`, account('A')), registry(`${hub()}/${word}`, account('B'))],
    () => [cloud(spelled(), 'A'), cloud(spelled(), 'B')],
    () => [cloud(local(), 'A'), cloud(local(), 'B')],
    () => [random.maybe() ? directory(below) : ociLayout(below), directory(folder)],
    () => [directory(folder), random.maybe() ? directory(below) : ociLayout(below)],
  )()
}

/** A glob that takes one of the release's documents along. */
function glob(random: Random): string {
  const name = '.stagegate'
  const at = random.below(name.length)
  const masked = `${name.slice(0, at)}${random.one('?', '*', `[${name[at] === '.' ? '.' : (name[at] ?? '')}]`, `{${name[at] ?? ''},x}`)}${name.slice(at + 1)}`
  const folder = random.one(name, masked, `\${${random.variable()}}`, `{${random.word()},${name}}`, '*')
  const before = random.one('', './', `${random.word()}/../`, '$CI_PROJECT_DIR/')
  return `${before}${folder}${random.one('', '/', '/**', '/**/*', '/*.json', '/release-plan.json')}`
}

const families: Readonly<Record<string, { readonly codes: RegExp; readonly make: (random: Random) => Made }>> = {
  'artifacts that bring a document of the release along': {
    codes: /^isolation\/overlap$/,
    make(random) {
      const base = made()
      base.target.jobs.build.addOverride('artifacts.paths', random.shuffled(['dist/*.rpm', glob(random)]).slice(), 'x')
      return base
    },
  },
  'another job’s artifacts in a job of the release': {
    codes: /^isolation\/(?:artifacts|overlap)$/,
    make(random) {
      const base = made()
      new Job(base.app, 'other', { on: base.tagged, script: ['./x'], artifacts: { paths: [`${random.word()}/`] } })
      const need = random.one<JsonValue>(
        'other',
        { job: 'other' },
        { project: 'acme/x', job: 'y', ref: 'main' },
        { pipeline: '$UP', job: 'z' },
      )
      const name = random.one('publish: [el/9]', 'seal')
      base.app.patch('x', ({ jobs }) => {
        const needs = jobs[name]?.['needs']
        if (Array.isArray(needs)) needs.push(need)
      })
      return base
    },
  },
  'a job of the release that runs something else': {
    codes: /^isolation\//,
    make(random) {
      const base = made()
      const name = random.one('publish: [el/9]', 'stage: [el/9]', 'seal', 'prepare')
      const word = random.word()
      const change = random.one<Record<string, JsonValue>>(
        { image: random.one<JsonValue>(`$${random.variable()}`, `${word}:latest`, { name: word, entrypoint: [word] }) },
        { script: [`./${word}`] },
        { before_script: [word] },
        { after_script: [word] },
        { services: [word] },
        { cache: { key: word, paths: [word] } },
        { hooks: { pre_get_sources_script: [word] } },
        { variables: { [random.one('NODE_OPTIONS', 'CI_DEBUG_TRACE', 'LD_PRELOAD', 'PATH', 'https_proxy', 'HOSTALIASES')]: word } },
        { artifacts: { paths: [word], reports: { dotenv: word } } },
      )
      base.app.patch('x', ({ jobs }) => void Object.assign(jobs[name] ?? {}, change))
      return base
    },
  },
  'a secret of Vault in another spelling': {
    codes: /^secrets\/reachable$/,
    make(random) {
      const base = made()
      const slash = () => random.one('', '/', './', `${random.word()}/../`)
      const path = `${slash()}release/${slash()}packagecloud`.replaceAll('//', '/')
      const engine = random.one(
        { name: 'kv-v2', path: random.one('ops', 'ops/', '/ops', './ops', 'x/../ops') },
        { name: 'generic', path: 'ops/data' },
        { name: 'kv-v1', path: 'ops/data/' },
      )
      const vault = random.maybe() ? `${path}/token@ops` : { engine: engine as never, path, field: 'token' }
      const variable = random.variable()
      const written = typeof vault === 'string' && random.maybe() ? vault.replace('packagecloud', `$${variable}`) : vault
      new Job(base.app, 'x', {
        on: base.branch,
        script: ['./x'],
        variables: random.maybe() ? { [variable]: 'packagecloud' } : {},
        idTokens: { T: { aud: 'https://other.example' } },
        gitlabSecrets: { [random.variable()]: { vault: written, token: '$T' } },
      })
      return base
    },
  },
  'an audience in another spelling': {
    codes: /^secrets\/reachable$/,
    make(random) {
      const base = made()
      const aud = 'https://vault.example/publish'
      const at = 1 + random.below(aud.length - 1)
      const name = random.variable()
      const written = random.one(`\${${name}}`, `%${name}%`)
      const pieces = random.maybe() ? `${written}${aud.slice(at)}` : `${aud.slice(0, at)}${written}`
      const rest = pieces.startsWith(written) ? aud.slice(0, at) : aud.slice(at)
      new Job(base.app, 'x', {
        on: base.branch,
        script: ['./x'],
        ...(random.maybe() && { variables: { [name]: rest } }),
        idTokens: { [random.variable()]: { aud: random.maybe() ? pieces : random.shuffled(['https://a.example', pieces]).slice() } },
      })
      return base
    },
  },
  'staging in a public place': {
    codes: /^gate\/same-place$/,
    make(random) {
      const base = made()
      const [private_, published] = places(random)
      new StagingRepo(base.app, 'staging 2', { at: private_ })
      new PublicRepo(base.app, 'public 2', { at: published })
      return base
    },
  },
  'the project’s own registry': {
    codes: /^secrets\/everywhere$/,
    make(random) {
      const base = made()
      const name = `registry.gitlab.com/acme/acme${random.one('', '/app', `/${random.word()}/${random.word()}`)}`
      new PublicRepo(base.app, 'images', {
        at: registry(name, { ...account('B'), ...(random.maybe() && { url: 'https://registry.gitlab.com:443' }) }),
      })
      return base
    },
  },
  'a kind that names no ref': {
    codes: /^kinds\/no-ref$/,
    make(random) {
      const variable = Condition.variable(random.variable())
      const loose = random.one(variable.isSet(), variable.equals('x'), Condition.schedule(), Condition.trigger(), Condition.mergeRequest())
      return made(random.one(loose, loose.or(Condition.tag(/^v/)), Condition.branch('main').or(loose)))
    },
  },
  'a way to the public that nobody declared': {
    codes: /^gate\/undeclared$/,
    make(random) {
      const base = made()
      const [options, word] = [random.one('', ' -q', ' --verbose'), random.word()]
      const line = random.one(
        `docker${options} push ${word}`,
        `docker buildx build --push -t ${word} .`,
        `npm${options} publish`,
        `yarn npm publish`,
        `twine upload dist/*`,
        `cargo publish${options}`,
        `package_cloud push acme/${word}/el/9 x.rpm`,
        `curl --upload-file ${word} $CI_API_V4_URL/projects/1/packages/generic/${word}/1/x`,
        `curl -X POST $CI_API_V4_URL/projects/1/jobs/$ID/play`,
        `gh release create ${word}`,
        `skopeo copy dir:${word} docker://${word}`,
        `./upload acme/stable ${word}`,
      )
      const section = random.one('script', 'before_script', 'after_script')
      new Job(base.app, 'x', { on: random.one(base.tagged, base.branch), script: ['true'] }).addOverride(
        section,
        [random.one(line, `if true; then ${line}; fi`, `cd ${word} && ${line}`)],
        'x',
      )
      return base
    },
  },
}

test('the release without any of it has no issue', () => {
  expect(made().app.synth().issues).toEqual([])
})

test.each(Object.entries(families))('%s is found, however it is written', (_, { codes, make }) => {
  fc.assert(
    fc.property(fc.gen(), (gen) => {
      const found = make(Random.by(gen))
        .app.synth()
        .issues.map(({ code }) => code)
      expect(found.filter((code) => codes.test(code))).not.toEqual([])
    }),
    { numRuns },
  )
})
