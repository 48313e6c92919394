import { dirname, join, posix, relative, sep } from 'node:path'
import { isSha256, isVariableName } from '@stagegate/schema'
import type { Acceptance, AppProps, CliProps, Patch, ProjectProps, SynthOptions } from './app-props.js'
import { Construct } from './construct.js'
import { flag, type Keyword, text } from './form/keyword.js'
import { fields, list } from './form/keyword-forms.js'
import { anything } from './form/props.js'
import type { PipelineDocument } from './gitlab/document.js'
import { isProjectPath } from './gitlab/names.js'
import type { CustomFacts, IssueFacts } from './issue/facts.js'
import { renderPipelineKeywords } from './keyword/pipeline-keywords.js'
import { quote } from './release/jobs/command.js'
import { isInstance } from './release/remote.js'
import { certificatesOf, type RepositoryAddress } from './repository/index.js'
import { defaultImage, setSettings } from './settings.js'
import { locate } from './source-location.js'
import { synthesize } from './synth/synthesize.js'
import type { Synthesis } from './synthesis.js'

const form = fields<AppProps>({
  cli: fields<CliProps>({ image: text, install: list(text), pin: flag, sha256: text, allow: list(text) }),
  gitlab: text,
  defaults: fields<{ readonly tags?: readonly string[] | undefined }>({ tags: list(text) }),
  stages: list(text),
  output: text,
  root: text,
  sharedParts: flag,
  startedBy: fields<{ readonly job: string }>({ job: text }, 'job'),
  records: anything as Keyword<RepositoryAddress | 'gitlab'>,
  project: fields<ProjectProps>({ url: anything as Keyword<string>, ca: text, path: text }),
  // GitLab's keywords are judged as they are rendered.
  inputs: anything,
  include: anything,
  workflow: anything,
  variables: anything,
  default: anything,
})

/** Every copy of the SDK recognizes the apps of every other. */
export const appBrand: unique symbol = Symbol.for('stagegate.app')

/** The root of the tree: one pipeline. `pipeline.ts` exports it. */
export class App extends Construct {
  readonly [appBrand] = true
  readonly props: AppProps
  readonly #patches: Patch[] = []
  readonly #accepted: Acceptance[] = []

  constructor(props: AppProps = {}) {
    super(undefined, '', new.target)
    this.checkProps(props, form)
    refuseImpossible(props)
    this.#refuseKeywords(props)
    this.props = props
    const { cli = {}, output = '.gitlab-ci.yml', project: { url = 'https://gitlab.com', ca, path } = {} } = props
    const home = homeOf(this)
    setSettings(this, {
      image: cli.image ?? defaultImage,
      home,
      install: cli.install ?? [home === '' ? 'npm ci --ignore-scripts' : `npm ci --ignore-scripts --prefix ${quote(home.slice(0, -1))}`],
      runsScripts: () => this.#accepted.some(({ code }) => code === 'isolation/lifecycle-scripts'),
      pin: cli.pin === false ? undefined : cli.sha256,
      tags: props.defaults?.tags,
      gitlab: oldestGitLab(props.gitlab ?? '>=17.5'),
      startedBy: props.startedBy?.job,
      planPath: posix.join(posix.dirname(output), 'release-plan.json'),
      project: { url, ca, path },
    })
  }

  /**
   * Changes the document before it is checked and rendered, for anything that has no API here. The reason appears in the
   * output's header. If the change throws, the error becomes an issue, and the document stays unchanged.
   * @throws {TypeError} without a reason
   */
  patch(because: string, change: (document: PipelineDocument) => void): void {
    if (because.trim() === '') throw new TypeError('Expected a reason for the patch, got an empty text')
    this.#patches.push({ because, change, source: locate(this.patch) })
  }

  /**
   * Accepts a warning for a reason, which appears in the output's header: for one file or job if `of` names it, otherwise for all. A warning
   * of the gate about a file or a job must be accepted for that one, so that a later one is not accepted unnoticed.
   *
   * @example
   * app.accept('gate/include', 'templates of our own group', { file: 'acme/ci: lint.yml' })
   * @throws {TypeError} without a reason
   */
  accept(
    code: IssueFacts['code'] | CustomFacts['code'],
    because: string,
    of: { readonly file?: string; readonly job?: string } = {},
  ): void {
    if (because.trim() === '') throw new TypeError('Expected a reason to accept the warning, got an empty text')
    this.#accepted.push({ code, because, of: of.file ?? of.job })
  }

  /** The changes that `patch` recorded, in their order. */
  get patches(): readonly Patch[] {
    return this.#patches
  }

  /** The warnings that `accept` recorded. */
  get accepted(): readonly Acceptance[] {
    return this.#accepted
  }

  /** The project's folder, relative to the author's file. */
  get root(): string {
    return this.props.root ?? '.'
  }

  /** Where the pipeline is written. */
  get output(): string {
    return this.props.output ?? '.gitlab-ci.yml'
  }

  /** Turns the tree into files, plan and issues. Writes nothing, changes nothing, and never throws for a mistake of the author. */
  synth(options: SynthOptions = {}): Synthesis {
    return synthesize(this, options)
  }

  /** Reports properties that are no keywords; throws for a value of another type, as for the app's other props. */
  #refuseKeywords(props: AppProps): void {
    renderPipelineKeywords(props, (problem) => {
      if (problem.is === 'value') throw new TypeError(`Expected ${problem.expected} in ${problem.keyword}, got ${problem.found}`)
      this.report({ code: 'structure/unknown-property', name: '', property: problem.keyword, meant: problem.meant })
    })
  }
}

/** The folder of the author's file as it is seen from the project's. */
function homeOf({ source, root }: App): string {
  const author = dirname(source.file)
  const path = relative(join(author, root), author).split(sep).join('/')
  return path === '' ? '' : `${path}/`
}

function oldestGitLab(range: string): readonly [number, number] {
  const match = /^>=\s*(\d+)\.(\d+)$/.exec(range)
  if (match === null) throw new TypeError(`Expected the oldest GitLab to support, such as >=17.5, got ${JSON.stringify(range)}`)
  return [Number(match[1]), Number(match[2])]
}

/** A child has a file of its own, and a workflow of its own. */
function refuseNoChild(output: string | undefined, { startedBy, workflow }: Pick<AppProps, 'startedBy' | 'workflow'>): void {
  if (startedBy === undefined) return
  if (typeof startedBy.job !== 'string' || startedBy.job === '') throw new TypeError('Expected the name of a job in startedBy.job')
  if (output === undefined || posix.normalize(output) === '.gitlab-ci.yml')
    throw new TypeError("Expected an output other than .gitlab-ci.yml with startedBy, such as output: 'ci/release.yml'")
  if (workflow === 'theirs') throw new TypeError("Expected no workflow: 'theirs' with startedBy: a child pipeline has its own workflow")
}

/** Refuses values that types cannot exclude and that no construct could be blamed for later. */
function refuseImpossible({ cli = {}, root, output, records = 'gitlab', project = {}, ...props }: AppProps): void {
  refuseNoChild(output, props)
  if (cli.sha256 !== undefined && !isSha256(cli.sha256))
    throw new TypeError(`Expected the command's sha256, got ${JSON.stringify(cli.sha256)}`)
  const wrong = (cli.allow ?? []).find((name) => !isVariableName(name))
  if (wrong !== undefined) throw new TypeError(`Expected the name of a variable in cli.allow, got ${JSON.stringify(wrong)}`)
  if (project.ca !== undefined) certificatesOf(project.ca, 'project.ca')
  // It is not repeated: a password may stand in it.
  if (project.url !== undefined && !isInstance(project.url))
    throw new TypeError('Expected the address of a GitLab in project.url, such as https://gitlab.example, got something else')
  if (project.path !== undefined && !isProjectPath(project.path))
    throw new TypeError(`Expected the path of a project in project.path, such as acme/acme, got ${JSON.stringify(project.path)}`)
  if (root !== undefined && (root === '' || posix.isAbsolute(root)))
    throw new TypeError(`Expected a folder in root, relative to this file, such as .., got ${JSON.stringify(root)}`)
  if (output === '') throw new TypeError('Expected a file for the output, got an empty text')
  if (records !== 'gitlab' && records.type !== 'directory')
    throw new TypeError(`Expected gitlab or a directory for the records, got a repository of the type ${records.type}`)
}
