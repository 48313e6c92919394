import { execFile } from 'node:child_process'
import { mkdir, realpath, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { canBeAllowed, digestOf, type ReleasePlan } from '@stagegate/schema'
import { describe, expect, test, vi } from 'vitest'
import { planOf, temporaryFolder } from '../testing/fixtures.js'
import { type Checkout, readCheckout } from './checkout.js'
import { refuseHostileVariables, trustVariables } from './hostile-variables.js'
import { rehearsalOrigin } from './rehearsal.js'

const plan = planOf()
const checkout: Checkout = { root: '/checkout', commit: 'a'.repeat(40), tags: ['v1.2.3'], branch: 'main' }

async function git(folder: string, ...words: string[]): Promise<string> {
  const identity = ['-c', 'user.name=Nobody', '-c', 'user.email=nobody@example.com', '-c', 'init.defaultBranch=main']
  return (await promisify(execFile)('git', ['-C', folder, ...identity, ...words])).stdout.trim()
}

async function repository(): Promise<string> {
  const folder = await realpath(await temporaryFolder())
  await git(folder, 'init', '--quiet')
  await git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'first')
  return folder
}

describe('a checkout', () => {
  test('says its top folder, commit, tags and branch, from any folder in it', async () => {
    const root = await repository()
    await git(root, 'tag', 'v1.2.3')
    await git(root, 'tag', 'latest')
    await mkdir(join(root, 'deep', 'inside'), { recursive: true })
    const commit = await git(root, 'rev-parse', 'HEAD')
    expect(await readCheckout(join(root, 'deep', 'inside'))).toEqual({ root, commit, tags: ['latest', 'v1.2.3'], branch: 'main' })
  })

  test('has no branch and perhaps no tag when a commit is checked out', async () => {
    const root = await repository()
    await git(root, 'checkout', '--quiet', '--detach')
    expect(await readCheckout(root)).toMatchObject({ tags: [], branch: undefined })
  })

  test('copied for a single job is the one that it was copied from', async () => {
    const root = await repository()
    const copy = join(root, '.gitlab-ci-local', 'builds', 'seal-1')
    await mkdir(join(copy, '..'), { recursive: true })
    await git(root, 'clone', '--quiet', root, copy)
    expect((await readCheckout(copy)).root).toBe(root)
  })

  test('is the one that contains the folder, whatever Git’s variables say', async () => {
    const [root, other] = [await repository(), await repository()]
    for (const [name, value] of [
      ['GIT_DIR', join(other, '.git')],
      ['GIT_WORK_TREE', other],
      ['GIT_CEILING_DIRECTORIES', root],
      ['GIT_CONFIG_COUNT', 'x'],
    ] as const) {
      vi.stubEnv(name, value)
      expect((await readCheckout(root)).root).toBe(root)
      vi.unstubAllEnvs()
    }
  })

  test.each(['/', '..', 'elsewhere'])('that Git is set to take for %s is refused', async (worktree) => {
    const root = await repository()
    await mkdir(join(root, 'another address'))
    await git(root, 'config', 'core.worktree', resolve(root, worktree))
    for (const folder of [root, join(root, 'another address')])
      await expect(readCheckout(folder)).rejects.toMatchObject({ name: 'UsageError', code: expect.stringMatching(/checkout$/) })
  })

  test.each([
    ['another commit', async (root: string) => void (await git(root, 'commit', '--quiet', '--allow-empty', '--message', 'second'))],
    ['no commit', async (root: string) => rm(join(root, '.git'), { recursive: true })],
  ])('in a folder for copies, of a folder with %s, is its own root', async (_what, change) => {
    const root = await repository()
    const copy = join(root, '.gitlab-ci-local', 'builds', 'seal-1')
    await mkdir(join(copy, '..'), { recursive: true })
    await git(root, 'clone', '--quiet', root, copy)
    await change(root)
    expect((await readCheckout(copy)).root).toBe(copy)
  })

  test('of a linked worktree is that worktree', async () => {
    const root = await repository()
    const linked = join(await realpath(await temporaryFolder()), 'linked')
    await git(root, 'worktree', 'add', '--quiet', linked)
    expect((await readCheckout(linked)).root).toBe(linked)
  })

  test.each([
    ['is none', async () => temporaryFolder()],
    [
      'has no commit',
      async () => {
        const folder = await temporaryFolder()
        await git(folder, 'init', '--quiet')
        return folder
      },
    ],
    ['is a folder that is not there', async () => join(await temporaryFolder(), 'lost')],
  ])('that %s is a usage error', async (_what, make) => {
    const folder = await make()
    await expect(readCheckout(folder)).rejects.toMatchObject({ name: 'UsageError', code: 'usage/no-checkout', where: folder })
  })
})

test('a rehearsal in a GitLab job reports who rehearses, and what it would need', async () => {
  vi.stubEnv('GITLAB_CI', 'true')
  await expect(readCheckout(await temporaryFolder())).rejects.toMatchObject({
    code: 'usage/no-checkout',
    what: 'a rehearsal needs a Git checkout with a commit, but this GitLab job has none',
    next: expect.stringMatching(/gitlab-ci-local.*GIT_STRATEGY=fetch and GIT_CLEAN_FLAGS=none/),
  })
  // gitlab-ci-local says so.
  vi.stubEnv('GITLAB_CI', 'false')
  await expect(readCheckout(await temporaryFolder())).rejects.toMatchObject({ next: expect.stringMatching(/^Run it in the checkout/) })
  vi.unstubAllEnvs()
})

describe('a rehearsal', () => {
  test('is of the kind whose tag fits, is marked as one, and has no numbers', () => {
    expect(rehearsalOrigin(plan, checkout, 'seal: [acme]', undefined)).toEqual({
      rehearsal: true,
      instance: 'rehearsal',
      project: { id: 0, path: 'rehearsal' },
      pipeline: 0,
      job: { id: 0, name: 'seal: [acme]' },
      commit: checkout.commit,
      ref: { tag: 'v1.2.3' },
      pipelineKind: 'release',
      plan: digestOf(plan),
    })
  })

  test('takes the tag that fits, of several', () => {
    expect(rehearsalOrigin(plan, { ...checkout, tags: ['latest', 'v1.2.3'] }, 'a job', 'release').ref).toEqual({ tag: 'v1.2.3' })
  })

  test.each<[string, Partial<Checkout>, object]>([
    ['the branch', {}, { branch: 'main' }],
    ['the tag, where no branch is checked out', { branch: undefined }, { tag: 'v1.2.3' }],
    ['nothing that has a name', { branch: undefined, tags: [] }, { branch: 'detached' }],
  ])('of a kind that needs no tag is for %s', (_what, of, ref) => {
    expect(rehearsalOrigin(plan, { ...checkout, ...of }, 'a job', 'branch').ref).toEqual(ref)
  })

  test.each<[string, Partial<Checkout>, string | undefined, object]>([
    ['without a tag, and without a kind', { tags: [] }, undefined, { name: 'UsageError', code: 'usage/kind' }],
    ['with a tag that no kind is for', { tags: ['latest'] }, undefined, { code: 'usage/kind', what: expect.stringContaining('latest') }],
    ['of a kind that the plan lacks', {}, 'nightly', { name: 'UsageError', code: 'usage/kind' }],
    ['of a kind for tags, without one', { tags: ['latest'] }, 'release', { name: 'GateError', code: 'gate/ref' }],
  ])('%s is refused', (_what, of, kind, expected) => {
    expect(() => rehearsalOrigin(plan, { ...checkout, ...of }, 'a job', kind)).toThrow(expect.objectContaining(expected))
  })

  test('takes the first kind that fits', () => {
    const { release } = plan.kinds
    if (release === undefined) throw new Error('Expected the kind')
    const several: ReleasePlan = { ...plan, kinds: { rc: { ...release, version: { tag: '^v.*-(rc\\d+)$' } }, any: release, release } }
    expect(rehearsalOrigin(several, checkout, 'a job', undefined).pipelineKind).toBe('any')
  })
})

describe('variables', () => {
  test('that change nothing are let through', () => {
    const off = { NODE_OPTIONS: '', HTTPS_PROXY: undefined, CI_DEBUG_TRACE: 'false', CI_DEBUG_SERVICES: '0' }
    const harmless = [
      ...['PATH', 'HOME', 'TZ', 'NO_COLOR', 'FORCE_COLOR', 'NO_PROXY', 'UV_THREADPOOL_SIZE', 'NODE_ENV', 'NODE_VERSION'],
      // Of Node's own: the REPL, the test runner, warnings, colours, Windows, and how modules are found that a single file has not.
      ...['NODE_REPL_HISTORY', 'NODE_REPL_EXTERNAL_MODULE', 'NODE_TEST_CONTEXT', 'NODE_NO_WARNINGS', 'NODE_PENDING_DEPRECATION'],
      ...['NODE_DISABLE_COLORS', 'NODE_DISABLE_COMPILE_CACHE', 'NODE_PATH', 'NODE_PRESERVE_SYMLINKS', 'NODE_SKIP_PLATFORM_CHECK'],
      ...['CI', 'CI_JOB_TOKEN', 'CI_SERVER_URL', 'GITLAB_CI', 'STAGEGATE_KIND'],
    ].map((name) => [name, '1'])
    expect(() => refuseHostileVariables({ ...off, ...Object.fromEntries(harmless) }, [])).not.toThrow()
  })

  test.each([
    // Foreign code.
    ...['NODE_OPTIONS', 'NODE_COMPILE_CACHE', 'OPENSSL_MODULES', 'OPENSSL_ENGINES', 'LD_PRELOAD', 'LD_LIBRARY_PATH'],
    ...['LD_AUDIT', 'DYLD_INSERT_LIBRARIES', 'DYLD_LIBRARY_PATH', 'DYLD_FRAMEWORK_PATH', 'BASH_ENV'],
    // Whom a server's certificate is believed from, and how TLS works.
    ...['NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_EXTRA_CA_CERTS', 'NODE_USE_SYSTEM_CA', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
    ...['OPENSSL_CONF', 'OPENSSL_CONF_INCLUDE', 'SSLKEYLOGFILE', 'OPENSSL_IA32CAP', 'OPENSSL_ARMCAP'],
    // How names are found, and code that the C library loads.
    ...[
      'HOSTALIASES',
      'LOCALDOMAIN',
      'RES_OPTIONS',
      'RESOLV_HOST_CONF',
      'GCONV_PATH',
      'LOCPATH',
      'NLSPATH',
      'GLIBC_TUNABLES',
      'LD_PROFILE',
    ],
    // Proxies.
    ...['NODE_USE_ENV_PROXY', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'],
    // What is printed and written.
    ...['NODE_DEBUG', 'NODE_DEBUG_NATIVE', 'NODE_V8_COVERAGE', 'NODE_REDIRECT_WARNINGS', 'NODE_ICU_DATA', 'CI_DEBUG_SERVICES'],
  ])('%s is refused by name, never by its value; the plan can allow proxies and authorities alone', (name) => {
    const refused = expect.objectContaining({
      name: 'UsageError',
      code: 'usage/hostile-variable',
      message: expect.stringMatching(new RegExp(`^(?!.*hunter2)the variable ${name} is set`, 's')),
      next: canBeAllowed(name) ? expect.stringContaining(`allow: ['${name}']`) : 'Unset it for this job.',
    })
    expect(() => refuseHostileVariables({ [name]: 'hunter2' }, [])).toThrow(refused)
    const allowed = () => refuseHostileVariables({ [name]: 'hunter2' }, [name])
    if (canBeAllowed(name)) expect(allowed).not.toThrow()
    else expect(allowed).toThrow(refused)
  })

  test('are all named at once; and where the log has the credentials already, it says so', () => {
    expect(() => refuseHostileVariables({ CI_DEBUG_TRACE: 'true', NODE_DEBUG: 'http' }, [])).toThrow(
      expect.objectContaining({
        what: expect.stringMatching(/CI_DEBUG_TRACE.*\n.*NODE_DEBUG/),
        next: expect.stringContaining('replace them'),
      }),
    )
  })

  test('are all in the line that would allow them', () => {
    expect(() => refuseHostileVariables({ SSL_CERT_FILE: 'x', https_proxy: 'y' }, [])).toThrow(
      expect.objectContaining({ next: expect.stringMatching(/^Unset them .*allow: \['SSL_CERT_FILE', 'https_proxy'\]/) }),
    )
  })

  test.each(['0', 'f', 'False', ''])('of GitLab’s own that are %j are off, and others are not', (off) => {
    expect(() => refuseHostileVariables({ CI_DEBUG_TRACE: off, CI_DEBUG_SERVICES: off }, [])).not.toThrow()
    if (off !== '') expect(() => refuseHostileVariables({ NODE_OPTIONS: off }, [])).toThrow('the variable NODE_OPTIONS is set')
  })

  test.each(['true', '10', 'off', 'falsey', '1'])('of GitLab’s own that are %j are on', (on) => {
    expect(() => refuseHostileVariables({ CI_DEBUG_SERVICES: on }, [])).toThrow('the variable CI_DEBUG_SERVICES is set, which prints')
  })

  test.each([
    ['LD_PRELOAD', 'loads other people’s code into the job'],
    ['SSL_CERT_DIR', 'makes the job trust other certificate authorities'],
    ['NODE_USE_ENV_PROXY', 'sends requests through a proxy'],
    ['NODE_DEBUG', 'prints requests with their headers'],
    ['NODE_TLS_REJECT_UNAUTHORIZED', 'turns off TLS certificate checks'],
    ['SSLKEYLOGFILE', 'writes the connections’ TLS keys to disk'],
    ['OPENSSL_CONF', 'changes how TLS works'],
  ])('like %s say what they do', (name, effect) => {
    expect(() => refuseHostileVariables({ [name]: 'x' }, [])).toThrow(
      `the variable ${name} is set, which ${effect}\nUnset it for this job.`,
    )
  })

  test('that name certificate authorities are known, those that are empty left out', () => {
    const variables = { NODE_EXTRA_CA_CERTS: '/ca.pem', ssl_cert_file: '/x', SSL_CERT_DIR: '', NODE_OPTIONS: 'x', HTTPS_PROXY: 'y' }
    expect(trustVariables(variables)).toEqual(['NODE_EXTRA_CA_CERTS', 'ssl_cert_file'])
  })

  test('of one name are allowed as they are written, and no other way', () => {
    expect(() => refuseHostileVariables({ https_proxy: 'x' }, ['HTTPS_PROXY'])).toThrow(
      expect.objectContaining({ code: 'usage/hostile-variable' }),
    )
  })
})
