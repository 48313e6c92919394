import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import * as sdk from '../../index.js'
import { type MoreCase, moreCases } from './more-cases.js'

/** A pipeline with the verdict that it must get. */
interface Case {
  readonly id: string
  readonly kind: 'bypass' | 'safe'
  readonly form: 'pipeline.ts' | 'yaml'
  readonly text: string
  readonly args: { readonly audit?: readonly string[]; readonly files?: Readonly<Record<string, string>> }
  readonly expect: string
}

/** The verdict, with its findings. */
interface Told {
  readonly found: readonly { readonly severity: 'error' | 'warning'; readonly code: string; readonly text: string }[]
  readonly gate: string
}

const cases = readFileSync(new URL('cases.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  // The file's own lines, each of this form.
  .map((line) => JSON.parse(line) as Case)

const folder = mkdtempSync(join(tmpdir(), 'gate-cases-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The app that a `pipeline.ts` exports. */
async function appOf(id: string, program: string): Promise<sdk.App> {
  const file = join(folder, `${id}.ts`)
  writeFileSync(file, program.replace("from 'stagegate'", `from '${fileURLToPath(new URL('../../index.ts', import.meta.url))}'`))
  const { default: app }: { readonly default: sdk.App } = await import(/* @vite-ignore */ file)
  return app
}

async function told({ id, form, text, args }: Omit<Case, 'kind'>): Promise<Told> {
  const readLocal = (path: string) => args.files?.[path]
  if (form === 'pipeline.ts') {
    const { issues } = (await appOf(id, text)).synth({ readLocal })
    return { found: issues.map((issue) => ({ ...issue, text: sdk.sentenceOf(issue) })), gate: 'holds' }
  }
  const flags = (name: string) => (args.audit ?? []).flatMap((flag, index, all) => (flag === name ? [all[index + 1] ?? ''] : []))
  const options = { publishes: flags('--publishes'), gates: flags('--gate'), secrets: flags('--secret'), readLocal }
  const { findings, gate } = sdk.audit(text, options)
  return { found: findings.map((finding) => ({ ...finding, text: finding.message })), gate }
}

/** Codes that answer an expectation which names none. */
const codesFor: readonly (readonly [RegExp, RegExp])[] = [
  [/^exit 3: a kind that publishes names no tag or branch/, /^kinds\/no-ref$/],
  [/^exit 3: a variable of GitLab that a kind asks for/, /^kinds\/redefined$/],
  [/a way to the public that no PublicRepo stands for/, /^gate\/undeclared$/],
  [/the child can pass without its jobs/, /^gate\/(open|child)$/],
  [/whoever starts the pipeline/, /^gate\/open$/],
  [/^isolation\/\* judged on the document/, /^isolation\//],
]

function codesIn(expected: string): readonly RegExp[] {
  const named = codesFor.find(([text]) => text.test(expected))?.[1]
  const written = [...expected.matchAll(/\b[a-z]+\/(?:\*|[a-z-]+)/g)].map(([code]) => new RegExp(`^${code.replace('*', '.*')}$`))
  return [...(named === undefined ? [] : [named]), ...written]
}

test.each(cases.map((one) => [one.id, one] as const))('%s', async (_, one) => {
  judge(one, await told(one))
})

test.each(moreCases.map((one) => [one.id, one] as const))('%s', async (_, one) => {
  const form = one.yaml === undefined ? 'pipeline.ts' : 'yaml'
  const args = { audit: ['--publishes', 'publish', '--gate', gateOf(one.yaml), '--secret', 'PUBLIC_TOKEN'], files: one.files ?? {} }
  judge(one, await told({ id: one.id, form, text: one.yaml ?? programOf(one), args, expect: one.expect }))
})

/** A small release with the lines of a case. */
function programOf({
  lines = '',
  app = '',
  when = 'Condition.tag(/^v(?<version>\\d+)$/)',
  token = "Secret.variable('PUBLIC_TOKEN')",
}: MoreCase): string {
  const isOnce = app.includes('__APPROVAL__')
  return `import { App, Condition, Deployment, directory, Job, ociLayout, PackageTarget, packagecloud, PipelineKind, PublicRepo, registry, Release, Secret, StagingRepo } from 'stagegate'
const image = 'node@sha256:' + '0'.repeat(64)
const app = new App({ cli: { image }, ${isOnce ? '' : app} })
const tagged = new PipelineKind(app, 'release', { when: ${when}, version: { variable: 'VERSION' } })
const branch = new PipelineKind(app, 'branch', { when: Condition.branch(/./) })
const staging = new StagingRepo(app, 'staging', { at: packagecloud('acme/staging', { token: Secret.variable('STAGING_TOKEN') }) })
const stable = new PublicRepo(app, 'stable', { at: packagecloud('acme/stable', { token: ${token} }) })
const release = new Release(app, 'acme', { routes: [{ on: branch }, { on: tagged, staging, public: stable }]${isOnce ? ", approval: 'once'" : ''} })
const el9 = new PackageTarget(release, 'el/9', { build: { image: 'builders/el9', script: ['make'] }, packages: 'dist/*.rpm' })
const production = new Deployment(release, 'production', { trigger: { project: 'acme/deployer' } })
${lines}
export default app
`
}

function gateOf(yaml = ''): string {
  return yaml.includes('"deploy: [production]":') ? 'deploy: [production]' : 'deploy'
}

function judge(one: Pick<Case, 'expect'> & { readonly yaml?: string; readonly form?: string }, { found, gate }: Told): void {
  const errors = found.filter(({ severity }) => severity === 'error')
  if (one.expect === 'exit 0, no error') {
    expect(errors).toEqual([])
    expect(gate).toBe('holds')
  } else if (one.expect.startsWith('cannot be told offline') || one.expect.startsWith('a warning at most')) {
    expect(errors).toEqual([])
  } else if (one.expect.startsWith('not 0')) {
    expect(gate).not.toBe('holds')
  } else {
    const isError = one.expect.startsWith('exit 3') || one.expect.startsWith('isolation/*')
    const codes = codesIn(one.expect)
    const matching = (isError ? errors : found).filter(({ code }) => codes.some((pattern) => pattern.test(code)))
    expect(matching, JSON.stringify(found, undefined, 1)).not.toEqual([])
    if (isError && (one.form === 'yaml' || one.yaml !== undefined)) expect(gate).toBe('open')
  }
}
