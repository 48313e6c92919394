import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { instant, UsageError } from '@stagegate/schema'
import type { Synthesis, SynthesizedFile } from '@stagegate/sdk'
import { makeFolder } from '@stagegate/uploader/gitlab'
import { type Command, Option } from 'commander'
import { createTwoFilesPatch } from 'diff'
import { AuthorError } from '../author/author-error.js'
import { loadApp } from '../author/load-app.js'
import { localFiles } from '../author/local-files.js'
import { strayOutput } from '../author/stray-output.js'
import { watch } from '../author/watch.js'
import { tryCertificates } from '../job/certificates.js'
import { painted } from '../print/colour.js'
import { issueCount, issueReport } from '../print/issues.js'
import { newCommand } from './options.js'

const description = `Generates the pipeline, the release plan next to it, and RELEASING.md from pipeline.ts.

If there are errors, it reports all of them with their lines, writes nothing, and exits with 2.`

export function synthCommand(done: (exitCode: number) => void): Command {
  return newCommand('synth', 'write the pipeline, the plan and the runbook', description)
    .argument('[file]', 'the file that exports the App', 'pipeline.ts')
    .addOption(new Option('--check', 'write nothing; fail with a diff if the files on disk are out of date').conflicts('stdout'))
    .option('--stdout', 'print the pipeline and write nothing')
    .addOption(new Option('--watch', 'synthesize again whenever a source file changes, until Ctrl-C').conflicts(['check', 'stdout']))
    .action(async (file: string, options: { check?: boolean; stdout?: boolean; watch?: boolean }) => {
      if (options.watch) return watch(file)
      const synthesis = await synthesize(file)
      if (synthesis.issues.length > 0) process.stderr.write(painted(`${issueReport(synthesis.issues)}\n`, process.stderr))
      if (!synthesis.ok) {
        process.stderr.write(`${issueCount(synthesis.issues)}. Nothing was written.\n`)
        return done(2)
      }
      if (synthesis.plan !== undefined) await tryCertificates(synthesis.plan, instant(Date.now()))
      const folder = projectOf(file, synthesis)
      if (options.stdout) process.stdout.write(synthesis.files[0]?.text ?? '')
      else if (options.check) return done(await check(synthesis.files, folder))
      else {
        await write(synthesis.files, folder)
        process.stdout.write('Commit these files: GitLab runs what is committed, and reviewers see what will run.\n')
        noteStray(folder, synthesis.files)
      }
    })
}

function noteStray(folder: string, [pipeline]: readonly SynthesizedFile[]): void {
  const stray = pipeline === undefined ? undefined : strayOutput(folder, pipeline.path)
  if (stray === undefined) return
  process.stderr.write(
    `Note: GitLab reads .gitlab-ci.yml at the top of the checkout, not ${stray}. Move pipeline.ts there, unless this folder is its own project.\n`,
  )
}

/** Synthesizes and writes a file in whose folder nothing is installed yet: `stagegate` means the running command. */
export async function writeSynthesis(file: string): Promise<void> {
  const alias = { stagegate: fileURLToPath(new URL('./index.js', import.meta.url)) }
  const synthesis = await synthesize(file, alias)
  if (!synthesis.ok) throw new UsageError({ code: 'usage/synth', what: issueReport(synthesis.issues), where: file })
  await write(synthesis.files, projectOf(file, synthesis))
}

export async function synthesize(file: string, alias?: Readonly<Record<string, string>>): Promise<Synthesis> {
  const app = await loadApp(file, alias)
  try {
    return app.synth({ readLocal: localFiles(projectOf(file, app)) })
  } catch (error) {
    // A patch of the author threw.
    throw AuthorError.from(error, file)
  }
}

/** The folder of the project; the author's file may be in a folder below it. Older copies of the SDK do not have this. */
function projectOf(file: string, { root = '.' }: { readonly root?: string | undefined }): string {
  return join(dirname(file), root)
}

/** Writes all files first, then reports: if the reader of the output goes away, all files are still written. */
async function write(files: readonly SynthesizedFile[], folder: string): Promise<void> {
  const lines: string[] = []
  for (const { path, text } of files) {
    const target = join(folder, path)
    const before = await textOf(target)
    if (before !== text) {
      await makeFolder(dirname(target))
      await writeFile(target, text)
    }
    lines.push(`${before === text ? 'unchanged' : 'written  '}  ${shown(target)}\n`)
  }
  process.stdout.write(lines.join(''))
}

async function check(files: readonly SynthesizedFile[], folder: string): Promise<number> {
  const stale: string[] = []
  for (const { path, text } of files) {
    const target = join(folder, path)
    const before = await textOf(target)
    if (before === text) continue
    stale.push(shown(target))
    const patch = createTwoFilesPatch(
      `${shown(target)} (on disk)`,
      `${shown(target)} (from pipeline.ts)`,
      before ?? '',
      text,
      undefined,
      undefined,
      { context: 3 },
    )
    process.stdout.write(`${patch}\n`)
  }
  if (stale.length === 0) {
    process.stdout.write(`Up to date: ${files.map(({ path }) => shown(join(folder, path))).join(', ')}\n`)
    return 0
  }
  process.stderr.write(`Out of date: ${stale.join(', ')}. Run stagegate synth and commit the files that it writes.\n`)
  return 2
}

/** The files on disk that differ from those that the author’s file makes. */
export async function staleIn({ files }: Synthesis, folder: string): Promise<readonly string[]> {
  const texts = await Promise.all(files.map(({ path }) => textOf(join(folder, path))))
  return files.flatMap(({ path, text }, index) => (texts[index] === text ? [] : [shown(join(folder, path))]))
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function shown(path: string): string {
  return relative(process.cwd(), path) || path
}
