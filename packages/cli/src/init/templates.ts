import type { Answers } from './answers.js'
import type { GitlabProject } from './remote.js'

export interface Template {
  readonly path: string
  readonly text: string
  readonly executable?: boolean
  /** Left out if it exists. */
  readonly isOptional?: boolean
}

/** The files of a first pipeline. All of them are meant to be changed; optional ones that already exist stay as they are. */
export function templatesFor(answers: Answers): readonly Template[] {
  return [
    { path: 'package.json', text: manifest, isOptional: true },
    { path: '.gitignore', text: ignored, isOptional: true },
    { path: '.gitattributes', text: attributes('.gitlab-ci.yml', 'release-plan.json', 'RELEASING.md'), isOptional: true },
    { path: 'tsconfig.json', text: tsconfig, isOptional: true },
    { path: 'pipeline.ts', text: pipeline(answers) },
    { path: 'pipeline.test.ts', text: test(answers) },
    { path: 'scripts/build.sh', text: build, executable: true },
    { path: 'scripts/deploy.sh', text: deploy('scripts/deploy.sh'), executable: true },
  ]
}

function pipeline(answers: Answers): string {
  const { name, distributions } = answers
  const { staging, stable } = addresses(answers)
  return `import {
${importsOf(answers, ['Job'])}
} from 'stagegate'

const app = new App(${projectOf(answers)})
app.accept('isolation/image-not-pinned', 'pin cli.image by digest before the first release')

// A pipeline has one kind: the first that matches. A tag such as v1.2.3 is released, a branch is only built.
const tagged = new PipelineKind(app, 'release', { when: Condition.tag(/^v(?<version>\\d+\\.\\d+\\.\\d+)$/) })
const branch = new PipelineKind(app, 'branch', { when: Condition.branch(/./) })

// Packages wait in the private staging repository; only a click copies them to the public one.
const staging = new StagingRepo(app, 'staging', { at: ${staging} })
const stable = new PublicRepo(app, 'stable', ${stable})

const release = new Release(app, '${name}', {
  routes: [{ on: branch }, { on: tagged, staging, public: stable }],
  hold: Duration.days(14),
})

for (const distribution of [${distributions.map((distribution) => `'${distribution}'`).join(', ')}] as const) {
  new PackageTarget(release, distribution, {
    build: { image: 'debian:stable-slim', script: [\`scripts/build.sh \${distribution}\`] },
    packages: 'dist/*',
  })
}

// Publishing cannot begin before these deployments have installed the staged packages.
const deploy = (environment: string) => ({
  environment,
  script: ['node .stagegate/stagegate.mjs fetch --to incoming', \`scripts/deploy.sh \${environment}\`],
})
const preprod = new Deployment(release, 'staging', deploy('staging'))
new Deployment(release, 'production', { ...deploy('production'), after: [preprod] })

// Fails if pipeline.ts was changed without stagegate synth.
new Job(app, 'check', { on: branch, image: 'node:24-slim', script: ['npm ci --ignore-scripts', 'npx stagegate synth --check'] })

export default app
`
}

/** Where packages wait, and the properties of the public place: in the project itself, or in folders until the project is known. */
export function addresses({ name, account, project }: Answers): { readonly staging: string; readonly stable: string } {
  if (account !== undefined)
    return {
      staging: `packagecloud('${account}/${name}-staging', { token: Secret.variable('STAGING_TOKEN') })`,
      stable: `{ at: packagecloud('${account}/${name}', { token: Secret.variable('PUBLIC_TOKEN') }) }`,
    }
  if (project !== undefined)
    return { staging: 'gitlabPackages()', stable: "{ at: gitlabRelease(), trustsJobs: 'maintainers review what jobs run' }" }
  return { staging: `directory('/srv/packages/staging')`, stable: `{ at: directory('/srv/packages/stable') }` }
}

/** The app's only property: the project whose jobs run. */
function projectOf({ project }: Answers): string {
  return project === undefined ? '' : `{ ${projectProperty(project)} }`
}

/** `project: { path: 'acme/hello' }` */
export function projectProperty({ url, path }: GitlabProject): string {
  return `project: { ${url === undefined ? '' : `url: '${url}', `}path: '${path}' }`
}

/** The imported names, in the order in which an editor sorts them. */
export function importsOf({ account, project }: Answers, more: readonly string[] = []): string {
  const isHosted = account !== undefined
  const isGitlab = !isHosted && project !== undefined
  const names = [
    'App',
    'Condition',
    'Deployment',
    ...(isHosted || isGitlab ? [] : ['directory']),
    'Duration',
    ...(isGitlab ? ['gitlabPackages', 'gitlabRelease'] : []),
    ...more,
    'PackageTarget',
    ...(isHosted ? ['packagecloud'] : []),
    'PipelineKind',
    'PublicRepo',
    'Release',
    ...(isHosted ? ['Secret'] : []),
    'StagingRepo',
  ]
  return names.map((name) => `  ${name},`).join('\n')
}

function test({ distributions }: Answers): string {
  return `import { publishesOnlyThrough } from 'stagegate/testing'
import { expect, test } from 'vitest'
import app from './pipeline'

test('a tag waits for a person at every target', () => {
  const pipeline = app.synth().pipeline({ tag: 'v1.2.3', protected: true })
  expect(pipeline.manual).toEqual([${distributions.map((distribution) => `'publish: [${distribution}]'`).join(', ')}])
})

test('nothing is published before production runs it, in any pipeline', () => {
  publishesOnlyThrough(app.synth(), ['seal', 'deploy: [production]'])
})

test('a branch is only built', () => {
  const { jobs } = app.synth().pipeline({ branch: 'main', protected: true })
  expect(jobs.every(({ name }) => name === 'check' || name.startsWith('build: '))).toBe(true)
})
`
}

export const manifest = `{
  "private": true,
  "type": "module",
  "scripts": {
    "synth": "stagegate synth",
    "test": "vitest run",
    "check": "tsc --noEmit && stagegate synth --check"
  }
}
`

/** A type check finds what synth cannot: synth strips the types, as Node does. */
export const tsconfig = `{
  "compilerOptions": {
    "module": "nodenext",
    "target": "es2023",
    "strict": true,
    "exactOptionalPropertyTypes": true,
    "noUnusedLocals": true,
    "allowImportingTsExtensions": true,
    "erasableSyntaxOnly": true,
    "noEmit": true
  },
  "include": ["pipeline.ts"]
}
`

const ignored = `node_modules/
dist/
incoming/
.stagegate/
`

/** Merge requests fold generated files; GitHub uses a different attribute for them. */
export function attributes(...paths: readonly string[]): string {
  return paths.map((path) => `/${path} gitlab-generated linguist-generated\n`).join('')
}

const build = `#!/bin/sh
# scripts/build.sh DISTRIBUTION: puts the packages into dist/.
set -eu
echo "Build your packages for $1 here, and put them into dist/." >&2
exit 1
`

export const deploy = (path: string) => `#!/bin/sh
# ${path} ENVIRONMENT: installs the packages in incoming/, which are exactly those that will be published.
set -eu
echo "Install the packages of incoming/ in $1 here, and check that they run as version \${STAGEGATE_VERSION:-(unknown)}." >&2
exit 1
`
