import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { ca } from '../authority.js'
import { type Captured, commit, copyOffline, stagegate } from '../tasks/rehearsal.mjs'
import { temporaryFolder } from './files.js'

export const tag = 'v1.2.3'
export const targets = [
  { id: 'ubuntu/jammy', name: 'hello', architecture: 'amd64', file: 'hello_1.2.3-1_amd64.deb' },
  { id: 'debian/bookworm', name: 'hello', architecture: 'amd64', file: 'hello_1.2.3-1_amd64.deb' },
  { id: 'any/any', name: 'hello-doc', architecture: 'all', file: 'hello-doc_1.2.3-1_all.deb' },
] as const
export const packages = targets.map(({ id, file }) => `${id}/${file}`)

const cli = new URL('../../packages/cli', import.meta.url).pathname

export interface WorldOptions {
  /** TypeScript in place of the example's repositories.ts. */
  readonly repositories?: string
  /** Texts of the example's pipeline.ts, and what stands in their place. */
  readonly pipeline?: readonly (readonly [from: string, to: string])[]
  readonly variables?: Record<string, string>
  /** Further files of the project, by their paths. */
  readonly files?: Readonly<Record<string, string>>
}

/** TypeScript for a staging and a public repository of a packagecloud server of the run. */
export function packagecloudRepositories(url: string): string {
  return `import { packagecloud, Secret } from 'stagegate'
const ca = ${JSON.stringify(ca)}
const at = (name: 'staging' | 'stable', token: string) =>
  packagecloud(\`acme/\${name}\`, { url: '${url}', ca, token: Secret.variable(token) })
export const staging = at('staging', 'STAGING_TOKEN')
export const stable = at('stable', 'PUBLIC_TOKEN')
`
}

/** The start of an app whose GitLab is a server of the run. */
export function appOn(url: string, more = ''): string {
  return `const app = new App({\n  project: { url: '${url}', ca: ${JSON.stringify(ca)}, ${more}},`
}

/** A checkout of the quickstart in which jobs are run by hand, one command after another. */
export class World {
  readonly checkout: string
  readonly variables: Record<string, string>

  private constructor(checkout: string, variables: Record<string, string>) {
    this.checkout = checkout
    this.variables = variables
  }

  /** Built, and nothing staged. */
  static async built({ repositories, pipeline = [], variables = {}, files = {} }: WorldOptions = {}): Promise<World> {
    const checkout = join(temporaryFolder(), 'hello')
    mkdirSync(checkout)
    copyOffline(checkout)
    const world = new World(checkout, variables)
    if (repositories !== undefined) world.write('repositories.ts', repositories)
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(world.path(path)), { recursive: true })
      world.write(path, text)
    }
    for (const [from, to] of pipeline) {
      expect(world.read('pipeline.ts')).toContain(from)
      world.write('pipeline.ts', world.read('pipeline.ts').replace(from, to))
    }
    if (repositories !== undefined || pipeline.length > 0) {
      await world.withPackage(async () => {
        const synth = await world.run(['synth'])
        expect(synth.exitCode, synth.output).toBe(0)
      })
    }
    commit(checkout, tag)
    for (const target of targets) world.build(target)
    return world
  }

  /** Staged and sealed: what waits at the gate. */
  static async sealed(options?: WorldOptions): Promise<World> {
    const world = await World.built(options)
    for (const { id } of targets) await world.succeed(['stage', '--target', id, world.built(id)])
    await world.succeed(['seal'])
    return world
  }

  /** The same once more, in a folder of its own. */
  copy(): World {
    const checkout = join(temporaryFolder(), 'hello')
    cpSync(this.checkout, checkout, { recursive: true })
    return new World(checkout, this.variables)
  }

  path(...parts: readonly string[]): string {
    return join(this.checkout, ...parts)
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8')
  }

  write(path: string, text: string): void {
    writeFileSync(this.path(path), text)
  }

  /** Where the built package of a target lies. */
  built(target: string): string {
    const found = targets.find(({ id }) => id === target)
    return join('out', target, 'dist', found?.file ?? 'none')
  }

  build({ id, name, architecture }: { readonly id: string; readonly name: string; readonly architecture: string }): void {
    const cwd = this.path('out', id)
    mkdirSync(cwd, { recursive: true })
    const script = this.path('scripts/build.mjs')
    execFileSync(process.execPath, [script, name, id, architecture], { cwd, env: { ...process.env, CI_COMMIT_TAG: tag }, stdio: 'pipe' })
  }

  /** Runs the command as a rehearsal, with the strategy that the YAML gives every job. */
  run(words: readonly string[], variables: Record<string, string> = {}): Promise<Captured> {
    const given = { STAGEGATE_REHEARSAL: '1', GIT_STRATEGY: 'empty' }
    return stagegate(this.checkout, words, { variables: { ...given, ...this.variables, ...variables } })
  }

  async succeed(words: readonly string[]): Promise<Captured> {
    const result = await this.run(words)
    expect(result.exitCode, result.output).toBe(0)
    return result
  }

  /** With `stagegate` to import, as after npm install. */
  async withPackage(run: () => Promise<void>): Promise<void> {
    mkdirSync(this.path('node_modules'), { recursive: true })
    symlinkSync(cli, this.path('node_modules/stagegate'))
    try {
      await run()
    } finally {
      rmSync(this.path('node_modules'), { recursive: true })
    }
  }
}
