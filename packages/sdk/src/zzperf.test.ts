import { test } from 'vitest'
import { App, Condition, Deployment, PackageTarget, PipelineKind, PublicRepo, Release, Secret, StagingRepo, packagecloud, Job } from '/work/main/packages/sdk/src/index.js'
import { kindGraphs } from '/work/main/packages/sdk/src/graph/kinds.js'
import { checkPipeline } from '/work/main/packages/sdk/src/check/gate/pipeline.js'
import { noFacts } from '/work/main/packages/sdk/src/check/gate/facts.js'
test('perf', () => {
  const app = new App({ cli: { image: `node@sha256:${'0'.repeat(64)}`, sha256: 'a'.repeat(64) } })
  const kinds = Array.from({ length: 12 }, (_, i) => new PipelineKind(app, `k${i}`, { when: Condition.tag(new RegExp(`^v${i}(?<version>.+)$`)) }))
  const staging = new StagingRepo(app, 'staging', { at: packagecloud('acme/staging', { token: Secret.variable('S') }) })
  const stable = new PublicRepo(app, 'stable', { at: packagecloud('acme/stable', { token: Secret.variable('P') }) })
  const release = new Release(app, 'acme', { routes: kinds.map((on) => ({ on, staging, public: stable })) })
  for (let i = 0; i < 1000; i++) new PackageTarget(release, `ubuntu/x${i}`, { build: { script: ['make'] }, packages: 'dist/*' })
  new Deployment(release, 'production', { trigger: { project: 'a/b' } })
  for (let i = 0; i < 1000; i++) new Job(app, `j${i}`, { script: ['x'] })
  let t = performance.now()
  const s = app.synth()
  console.log('synth', performance.now() - t, s.issues.length, s.issues.slice(0,3), Object.keys(s.document.jobs).length)
  t = performance.now()
  kindGraphs(s.document)
  console.log('graphs', performance.now() - t)
  t = performance.now()
  checkPipeline(s.document, noFacts)
  console.log('check nofacts', performance.now() - t)
  // stage ordered
  const doc = { stages: Array.from({length: 50}, (_, i) => `s${i}`), workflow: {}, variables: {}, jobs: Object.fromEntries(Array.from({length: 5000}, (_, i) => [`j${i}`, { stage: `s${i % 50}`, script: ['x'] , rules: [{ if: `$X == "${i}"`}, { if: `$CI_COMMIT_TAG =~ /^v${i}/ && $CI_COMMIT_REF_PROTECTED == "true"`, when: 'manual'}]}])) }
  t = performance.now()
  const f = checkPipeline(doc, { ...noFacts, publishers: new Map(Array.from({length: 5000}, (_, i) => [`j${i}`, new Map([['any', ['j0', 'j1']]])] as const)) })
  console.log('check stage', performance.now() - t, f.length)
}, 300000)
