// A project in a folder of its own, whose pipeline is run by gitlab-ci-local as GitLab would: what the demo and the tests share.
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { outputs, telling } from '../watchdog/processes.mjs'
import { root } from './shell.mjs'
import { machineCertificates } from './trust.mjs'

const gitlabCiLocal = join(root, 'test', 'node_modules', '.bin', 'gitlab-ci-local')

/** Packs the packages of this checkout, as npm would publish them, into a folder. They must have been built. */
export function packInto(folder) {
  mkdirSync(folder, { recursive: true })
  for (const name of ['schema', 'sdk', 'cli']) {
    execFileSync(join(root, 'node_modules', '.bin', 'pnpm'), ['pack', '--pack-destination', folder], {
      cwd: join(root, 'packages', name),
      stdio: 'pipe',
    })
  }
}

/** Copies the quickstart example with directories on this machine in place of GitLab: `test/offline`. */
export function copyOffline(folder) {
  copyQuickstart(folder)
  cpSync(join(root, 'test', 'offline'), folder, { recursive: true })
}

/** Copies the quickstart example, without what is not part of it. */
export function copyQuickstart(folder) {
  const source = join(root, 'examples', 'quickstart')
  const leftOut = new Set(['node_modules', 'dist', '.gitlab-ci-local', '.stagegate', 'repositories'].map((name) => join(source, name)))
  cpSync(source, folder, { recursive: true, filter: (path) => !leftOut.has(path) })
  // gitlab-ci-local copies the checkout for each job, without what git does not know: what comes up between that look and the
  // copy is copied, and breaks it where a job just gives a file its name.
  mkdirSync(join(folder, 'repositories'))
}

/** Makes the folder a checkout with one commit, which is tagged. */
export function commit(folder, tag) {
  const git = (...words) =>
    execFileSync(
      'git',
      ['-c', 'user.name=Demo', '-c', 'user.email=demo@example.org', '-c', 'commit.gpgsign=false', '-c', 'tag.gpgsign=false', ...words],
      { cwd: folder, stdio: 'pipe' },
    )
  git('init', '--quiet', '--initial-branch', 'main')
  // Packed packages are left out of a checkout by habit; here they stand in for the registry.
  git('add', '--all', '--force')
  git('commit', '--quiet', '--message', `Release ${tag}`)
  git('tag', tag)
  // gitlab-ci-local asks for the remote, only to fill in predefined variables.
  git('remote', 'add', 'origin', 'https://gitlab.example/demo/hello.git')
  git('update-ref', 'refs/remotes/origin/main', 'HEAD')
  git('symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/main')
}

/**
 * Runs jobs of the checkout's pipeline, each in a copy of the checkout of its own. All that they print goes to jobs.log
 * beside the checkout.
 * @param {string} folder
 * @param {{ tag: string, jobs: readonly string[], withNeeds?: boolean, variables?: Record<string, string> }} what
 * @returns {Promise<{ exitCode: number, log: string }>}
 */
export async function runJobs(folder, { tag, jobs, withNeeds = false, variables = {} }) {
  const given = { CI_COMMIT_TAG: tag, CI_COMMIT_REF_PROTECTED: 'true', STAGEGATE_KIND: 'release', STAGEGATE_REHEARSAL: '1', ...variables }
  const words = [
    '--shell-isolation',
    '--force-shell-executor',
    '--ignore-predefined-vars',
    'CI_COMMIT_REF_PROTECTED',
    ...Object.entries(given).flatMap(([name, value]) => ['--variable', `${name}=${value}`]),
    ...(withNeeds ? ['--needs'] : []),
    ...jobs,
  ]
  const { exitCode, output: log } = await capture(gitlabCiLocal, words, { cwd: folder, timeout: 300_000 })
  writeFileSync(join(dirname(folder), 'jobs.log'), log, { flag: 'a' })
  return { exitCode, log }
}

/** The command that was built from this checkout, as a job would run it. */
export function stagegate(folder, words, { variables = {}, timeout = 120_000 } = {}) {
  return capture(process.execPath, [join(root, 'packages', 'cli', 'dist', 'stagegate.mjs'), ...words], { cwd: folder, timeout, variables })
}

/** @returns {Promise<{ exitCode: number, output: string, stdout: string, stderr: string }>} */
export function capture(command, words, { cwd, timeout, variables = {} }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...(command === process.execPath ? telling : []), ...words], {
      cwd,
      timeout,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...jobEnvironment(), ...variables },
    })
    let [stdout, stderr, output] = ['', '', '']
    const name = `process ${child.pid} (${[command, ...words].join(' ').slice(0, 200)})`
    outputs.set(name, () => output)
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text
      output += text
    })
    child.on('error', reject)
    child.on('close', (code) => {
      outputs.delete(name)
      resolve({ exitCode: code ?? 137, stdout, stderr, output })
    })
  })
}

/**
 * What a runner would give its jobs: not this shell's variables. Those that npm needs here to reach its registry are
 * given to npm alone, under its own names, since jobs with credentials refuse them.
 */
function jobEnvironment() {
  const { PATH, HOME, USER, TMPDIR, HTTPS_PROXY, https_proxy } = process.env
  const npm = {
    npm_config_cafile: machineCertificates() || undefined,
    npm_config_https_proxy: HTTPS_PROXY ?? https_proxy,
    npm_config_update_notifier: 'false',
  }
  return Object.fromEntries(Object.entries({ PATH, HOME, USER, TMPDIR, ...npm }).filter(([, value]) => value !== undefined))
}
