// A release of an image with GitLab's registry alone, from the addresses of pipeline.ts to what users pull; skopeo is the build, and a user.
import { join } from 'node:path'
import { parseReleasePlan, digestOf as planDigest } from '@stagegate/schema'
import { App, Condition, ContainerImage, gitlabRegistry, PipelineKind, PublicRepo, Release, Secret, StagingRepo } from '@stagegate/sdk'
import { createEnvironment, exitCodeOf, openRepositories, publish, seal, stage, verify } from '@stagegate/uploader'
import { startGitlabRegistry } from '@stagegate/uploader/testing'
import { expect, onTestFinished, test } from 'vitest'
import { tls } from '../authority.js'
import { temporaryFolder } from '../release/files.js'
import { Layout } from '../tasks/layout.mjs'
import { originOf } from '../tasks/publishing.mjs'
import { bytesOf, docker } from './image.js'
import { copy, digestOf } from './skopeo.js'

async function world() {
  const projects = [
    { path: 'acme/hello', members: { ada: 'developer' } },
    { path: 'acme/public', isPublic: true, members: { ada: 'developer' }, deployTokens: { 'release:w': 'write' }, immutableTags: [/^\d/] },
  ] as const
  const { gitlab, registry, tokens, close } = await startGitlabRegistry({ tls, projects })
  onTestFinished(async () => {
    await close()
    expect([...registry.violations, ...gitlab.violations]).toEqual([])
  })
  const app = new App({ project: { url: gitlab.url, path: 'acme/hello' } })
  const at = (project: string, more = {}) =>
    gitlabRegistry(`${new URL(registry.url).host}/${project}`, { gitlab: gitlab.url, url: registry.url, ...more })
  const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\d+\.\d+\.\d+)$/) })
  const staging = new StagingRepo(app, 'staging', { at: at('acme/hello') })
  const password = Secret.variable('PUBLIC_REGISTRY_TOKEN')
  const stable = new PublicRepo(app, 'stable', { at: at('acme/public', { username: 'release', password }) })
  const release = new Release(app, 'acme', { routes: [{ on: tagged, staging, public: stable }] })
  new ContainerImage(release, 'app', { build: { script: ['make image'] } })
  const synthesis = app.synth()
  expect(synthesis.issues.filter(({ code }) => code.startsWith('secrets/') || code.startsWith('routes/'))).toEqual([])
  const plan = parseReleasePlan(JSON.stringify(synthesis.plan), 'the plan')
  const startJob = () => tokens.startJob({ project: 'acme/hello', user: 'ada' })
  const open = (variables: Readonly<Record<string, string>>, ...wanted: readonly (readonly [string, 'write' | 'users'])[]) =>
    openRepositories(plan, new Map(wanted), createEnvironment({ variables, base: temporaryFolder(), rehearsal: true }))
  const forJobs = (variables: Readonly<Record<string, string>>) => open(variables, ['staging', 'write'], ['stable', 'write'])
  const forUsers = () => open({}, ['stable', 'users'])
  return { registry, tokens, plan, startJob, forJobs, forUsers, origin: originOf(planDigest(plan), 'v1.2.3') }
}

/** Two platforms and cosign's signature, pushed with the token of a job, as the build does. */
async function build(url: string, job: string, seed: number): Promise<string> {
  const folder = join(temporaryFolder(), 'layout')
  const layout = new Layout(folder)
  const platform = (architecture: string, layer: number) =>
    layout.manifest([layout.blob(bytesOf(50_000, seed)), layout.blob(bytesOf(3000, seed + layer))], { architecture })
  const index = layout.index([platform('amd64', 1), platform('arm64', 2)])
  const signature = layout.manifest([layout.blob(Buffer.from('signature'), 'application/vnd.dev.cosign.simplesigning.v1+json')])
  for (const [tag, made] of Object.entries({ staged: index, [`${index.digest.replace(':', '-')}.sig`]: signature })) {
    layout.tag(tag, made)
    await copy(`oci:${folder}:${tag}`, docker(url, `acme/hello/app:${tag}`), { to: `gitlab-ci-token:${job}` })
  }
  return index.digest
}

test('the job’s token stages, a deploy token of another project publishes, and users pull without an account', async () => {
  const { registry, tokens, plan, startJob, forJobs, forUsers, origin } = await world()
  const job = startJob()
  const digest = await build(registry.url, job, 1)
  const variables = { CI_JOB_TOKEN: job, PUBLIC_REGISTRY_TOKEN: 'w' }
  const record = await stage(plan, { target: 'app', files: [], origin, tag: 'staged', repositories: forJobs(variables) })
  const manifest = seal(plan, [record], { origin, now: record.stagedAt })
  tokens.endJob(job)

  // The job that is over publishes nothing; the next one does.
  await expect(digestOf(docker(registry.url, 'acme/hello/app:staged'), `gitlab-ci-token:${job}`)).rejects.toThrow()
  const late = await publish(manifest, { repositories: forJobs(variables), origin })
  expect([late.outcomes[0]?.verdict, exitCodeOf(late.outcomes)]).toEqual(['failed', 3])
  const next = { ...variables, CI_JOB_TOKEN: startJob() }
  expect((await publish(manifest, { repositories: forJobs(next), origin })).outcomes).toMatchObject([{ verdict: 'published' }])
  expect((await publish(manifest, { repositories: forJobs(next), origin })).outcomes).toMatchObject([{ verdict: 'already-public' }])

  const { findings } = await verify(manifest, { repositories: forUsers(), origin, deadline: 0 })
  expect(findings).toMatchObject([{ found: 'sealed-bytes' }])
  expect(await digestOf(docker(registry.url, 'acme/public/app:1.2.3'))).toBe(digest)
  await expect(digestOf(docker(registry.url, 'acme/hello/app:staged'))).rejects.toThrow()
})
