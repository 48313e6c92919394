import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { kindVariable } from '@stagegate/schema'
import { expect } from 'vitest'
import { parse } from 'yaml'
import { capture } from '../tasks/rehearsal.mjs'
import { temporaryFolder } from './files.js'

const cli = new URL('../../packages/cli', import.meta.url).pathname

interface YamlJob {
  readonly script: readonly string[]
  readonly needs?: readonly (string | { readonly job: string; readonly artifacts?: boolean })[]
  readonly variables?: Readonly<Record<string, string>>
  readonly environment?: { readonly name: string }
  readonly artifacts?: { readonly paths?: readonly string[]; readonly reports?: { readonly dotenv?: string } }
}

/** The GitLab whose jobs they are. */
interface Gitlab {
  startJob(name: string): string
  endJob(token: string): void
}

export interface YamlJobsOptions {
  readonly gitlab: Gitlab
  readonly tag: string
  /** The project's variables, which GitLab gives to a job of this environment. @default none */
  readonly secrets?: (environment: string | undefined) => Readonly<Record<string, string>>
}

/** Gives a project `stagegate` to import, as after npm install, and a bin/ for tools that are made up. */
export function withStagegate(folder: string): void {
  for (const path of ['node_modules', 'bin']) mkdirSync(join(folder, path), { recursive: true })
  symlinkSync(cli, join(folder, 'node_modules/stagegate'))
}

/** Makes up a tool, by the lines of its script. */
export function makeUp(folder: string, name: string, script: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/sh\nset -e\n${script}\n`, { mode: 0o755 })
}

/**
 * Runs the jobs of a checkout's pipeline as its YAML says, word for word, each in a folder of its own with the artifacts that it needs. Tools in
 * the checkout's bin/ come first.
 */
export class YamlJobs {
  readonly #folder: string
  readonly #options: YamlJobsOptions
  readonly #jobs: Readonly<Record<string, YamlJob>>
  /** Where the artifacts of a job that has ended lie. */
  readonly #ended = new Map<string, string>()

  constructor(folder: string, options: YamlJobsOptions) {
    this.#folder = folder
    this.#options = options
    this.#jobs = parse(readFileSync(join(folder, '.gitlab-ci.yml'), 'utf8'))
  }

  /** Runs a job after all that it needs, and returns what it printed. */
  async run(name: string): Promise<string> {
    const { gitlab, tag, secrets = () => ({}) } = this.#options
    const job = this.#jobs[name]
    if (job === undefined) throw new Error(`Expected a job ${name}`)
    const needs = (job.needs ?? []).map((need) => (typeof need === 'string' ? { job: need } : need))
    for (const need of needs) if (!this.#ended.has(need.job)) await this.run(need.job)
    const cwd = temporaryFolder()
    if (job.variables?.['GIT_STRATEGY'] !== 'empty') cpSync(this.#folder, cwd, { recursive: true, verbatimSymlinks: true })
    for (const need of needs) if (need.artifacts !== false) cpSync(this.artifactsOf(need.job), cwd, { recursive: true })
    const token = gitlab.startJob(name)
    const own = secrets(job.environment?.name)
    const variables = {
      PATH: [join(this.#folder, 'bin'), process.env['PATH']].join(delimiter),
      CI_JOB_TOKEN: token,
      CI_COMMIT_TAG: tag,
      [kindVariable]: 'release',
      ...this.#dotenv(needs),
      ...own,
      ...job.variables,
    }
    const result = await capture('sh', ['-e', '-c', job.script.join('\n')], { cwd, variables, timeout: 60_000 })
    gitlab.endJob(token)
    for (const secret of [token, ...Object.values(own)]) expect(result.output).not.toContain(secret)
    expect(result.exitCode, `${name}\n${result.output}`).toBe(0)
    const kept = temporaryFolder()
    const { paths = [], reports = {} } = job.artifacts ?? {}
    for (const pattern of [...paths, reports.dotenv ?? '']) if (pattern !== '') await keep(pattern, cwd, kept)
    this.#ended.set(name, kept)
    return result.output
  }

  /** Where the artifacts of a job that has ended lie. */
  artifactsOf(name: string): string {
    const folder = this.#ended.get(name)
    if (folder === undefined) throw new Error(`Expected that ${name} has ended`)
    return folder
  }

  /** The variables that the needed jobs report. */
  #dotenv(needs: readonly { readonly job: string; readonly artifacts?: boolean }[]): Readonly<Record<string, string>> {
    const texts = needs.flatMap(({ job, artifacts }) => {
      const path = this.#jobs[job]?.artifacts?.reports?.dotenv
      return path === undefined || artifacts === false
        ? []
        : readFileSync(join(this.artifactsOf(job), path), 'utf8')
            .trimEnd()
            .split('\n')
    })
    return Object.fromEntries(texts.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
  }
}

async function keep(pattern: string, from: string, to: string): Promise<void> {
  const copied = await capture('sh', ['-c', `cp -R --parents -- ${pattern} "$0"`, to], { cwd: from, timeout: 30_000 })
  expect(copied.exitCode, copied.output).toBe(0)
}
