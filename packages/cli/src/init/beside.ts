import type { Answers } from './answers.js'
import { addresses, attributes, deploy, importsOf, manifest, projectProperty, type Template, tsconfig } from './templates.js'

/** The files of a release next to an existing pipeline, all in a folder of their own. */
export function besideTemplates(answers: Answers): readonly Template[] {
  return [
    { path: 'release/package.json', text: manifest },
    { path: 'release/tsconfig.json', text: tsconfig },
    { path: 'release/.gitignore', text: 'node_modules/\n' },
    { path: 'ci/.gitattributes', text: attributes('release.yml', 'release-plan.json', 'RELEASING.md'), isOptional: true },
    { path: 'release/pipeline.ts', text: pipeline(answers) },
    { path: 'release/pipeline.test.ts', text: test(answers) },
    { path: 'release/deploy.sh', text: deploy('release/deploy.sh'), executable: true },
  ]
}

/** The folder of the generated files. */
export const besideOutput = 'ci/release.yml'

/** The lines of `.gitlab-ci.yml` that start the release. */
export function starterLines({ buildJob, startedBy }: Answers, stage: string): string {
  return `${startedBy}:
  stage: ${stage}
  needs: [${buildJob === undefined ? '' : JSON.stringify(buildJob)}]
  inherit: { variables: false }
  variables: { PARENT_PIPELINE_ID: $CI_PIPELINE_ID }
  trigger: { include: ${besideOutput}, strategy: depend }
  rules: [{ if: '$CI_COMMIT_TAG =~ /^v\\d+\\.\\d+\\.\\d+$/' }]`
}

function appOf({ startedBy, project }: Answers): string {
  const more = project === undefined ? '' : `, ${projectProperty(project)}`
  return startedBy !== undefined
    ? `// A pipeline of its own: the job ${startedBy} of .gitlab-ci.yml starts it.
const app = new App({ root: '..', output: '${besideOutput}', startedBy: { job: '${startedBy}' }${more} })`
    : `// Next to the existing pipeline, whose workflow, stages and jobs do not change.
const app = new App({ root: '..', output: '${besideOutput}', workflow: 'theirs'${more} })`
}

function pipeline(answers: Answers): string {
  const { name, distributions, buildJob } = answers
  const { staging, stable } = addresses(answers)
  const build =
    buildJob === undefined
      ? "{ image: 'debian:stable-slim', script: [`scripts/build.sh ${distribution}`] }"
      : `{ job: ${JSON.stringify(buildJob)} }`
  return `import {
${importsOf(answers)}
} from 'stagegate'

${appOf(answers)}
app.accept('isolation/image-not-pinned', 'pin cli.image by digest before the first release')

// A tag such as v1.2.3 is released.${answers.startedBy !== undefined ? '' : ' All other pipelines stay as they are.'}
const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\\d+\\.\\d+\\.\\d+)$/) })

// Packages wait in the private staging repository; only a click copies them to the public one.
const staging = new StagingRepo(app, 'staging', { at: ${staging} })
const stable = new PublicRepo(app, 'stable', ${stable})

const release = new Release(app, '${name}', { routes: [{ on: tagged, staging, public: stable }], hold: Duration.days(14) })

for (const distribution of [${distributions.map((distribution) => `'${distribution}'`).join(', ')}] as const) {
  new PackageTarget(release, distribution, { build: ${build}, packages: 'dist/*' })
}

// Publishing cannot begin before these deployments have installed the staged packages.
const deploy = (environment: string) => ({
  environment,
  script: ['node .stagegate/stagegate.mjs fetch --to incoming', \`release/deploy.sh \${environment}\`],
})
const preprod = new Deployment(release, 'staging', deploy('staging'))
new Deployment(release, 'production', { ...deploy('production'), after: [preprod] })

export default app
`
}

function test({ distributions }: Answers): string {
  return `import { publishesOnlyThrough } from 'stagegate/testing'
import { expect, test } from 'vitest'
import app from './pipeline'

test('a tag waits for a person at every target', () => {
  const { manual } = app.synth().pipeline({ tag: 'v1.2.3', protected: true })
  expect(manual).toEqual([${distributions.map((distribution) => `'publish: [${distribution}]'`).join(', ')}])
})

test('nothing is published before production runs it, in any pipeline', () => {
  publishesOnlyThrough(app.synth(), ['seal', 'deploy: [production]'])
})
`
}
