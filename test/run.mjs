// npm test: installs what is missing, lints, builds, checks types and packages, and runs every test.
// npm test -- PATTERN...: the same set-up, then only the test files whose path contains a PATTERN, without lint and checks.
// In CI (CI=true) it also runs the tests on the newest supported Node, but for what no Node changes, and a suite that cannot run is a failure.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join, relative } from 'node:path'
import { aptThree, howToGetAptThree } from './tasks/apt-three.mjs'
import { dnfDownload, howToGetDnfDownload } from './tasks/dnf.mjs'
import { goTool, howToGet } from './tasks/go-tools.mjs'
import { build, ensureSystemTools, installPackages, nodeBinary, systemTools } from './tasks/install.mjs'
import { fail, root, run, step, tryRun } from './tasks/shell.mjs'

/** Suites that need programs of the system, some that are built from Go modules, and apt 3 of another Debian. */
const suites = [
  { files: 'packages/uploader/src/package/real-packages.test.ts', needs: ['dpkg-deb', 'rpm', 'rpmbuild', 'gzip', 'xz', 'zstd'] },
  {
    files: 'packages/uploader/src/repository/yum/{createrepo,dnf,rpm-version,takeover}.test.ts',
    needs: ['rpm', 'rpmbuild', 'createrepo_c', 'dnf', 'gzip', 'zstd'],
  },
  { files: 'packages/uploader/src/package/debian-readers.test.ts', needs: ['dpkg-deb', 'apt-get', 'apt-ftparchive'] },
  { files: 'packages/uploader/src/repository/apt/ftparchive.test.ts', needs: ['apt-ftparchive', 'dpkg-deb', 'xz', 'zstd'] },
  { files: 'packages/uploader/src/signing/{signer,*-keys}.test.ts', needs: ['gpg', 'gpgv', 'sqv'] },
  { files: 'packages/uploader/src/repository/environment.test.ts', needs: ['gpg'] },
  { files: 'packages/uploader/src/signing/verifier.test.ts', needs: ['gpg', 'apt-get'] },
  { files: 'test/release/quickstart.test.ts', needs: ['rsync'] },
  { files: 'test/release/self-hosted.test.ts', needs: ['apt-get', 'dnf', 'dpkg-deb', 'gpg', 'rpmbuild'], unpacks: 'dnf download' },
  { files: 'test/release/killed-images.test.ts', needs: ['docker-registry'] },
  { files: 'test/proxy/*.test.ts', needs: ['tinyproxy', 'libnss_wrapper.so'] },
  { files: 'test/tasks/servers.test.ts', needs: ['nginx', 'aptly', 'gpg', 'docker-registry', 'tinyproxy'] },
  { files: 'test/repositories/broken-off.test.ts', needs: ['nginx', 'aptly', 'gpg', 'docker-registry'] },
  { files: 'test/repositories/hazards.test.ts', needs: ['nginx', 'aptly', 'gpg'] },
  { files: 'test/repositories/gathered-reads.test.ts', needs: ['nginx'] },
  { files: 'test/repositories/conformance.test.ts', needs: ['nginx'] },
  { files: 'test/repositories/web-files.test.ts', needs: ['nginx'] },
  { files: 'test/repositories/own-repository-page.test.ts', needs: ['gpg', 'createrepo_c'] },
  { files: 'test/repositories/s3.test.ts', needs: ['gpg'], builds: 'versitygw' },
  { files: 'test/repositories/yum.test.ts', needs: ['nginx', 'gpg', 'createrepo_c', 'dnf', 'zypper', 'openssl'], builds: 'versitygw' },
  { files: 'test/repositories/yum-writers.test.ts', needs: ['gpg', 'dnf'], builds: 'versitygw' },
  { files: 'test/repositories/apt{,-writers}.test.ts', needs: ['apt-get', 'gpg', 'nginx'], builds: 'versitygw' },
  { files: 'test/repositories/apt-three.test.ts', needs: ['apt-get', 'dpkg-deb', 'gpg', 'nginx'], unpacks: 'apt 3' },
  { files: 'test/repositories/apt-takeover.test.ts', needs: ['apt-get', 'aptly', 'gpg', 'nginx', 'reprepro'], builds: 'versitygw' },
  { files: 'test/repositories/verify-apt.test.ts', needs: ['apt-get', 'gpg', 'nginx'] },
  { files: 'test/repositories/verify-dnf.test.ts', needs: ['dnf', 'gpg', 'nginx'], unpacks: 'dnf download' },
  { files: 'test/images/*.test.ts', needs: ['docker-registry', 'skopeo', 'umoci', 'htpasswd'] },
  { files: 'test/images/distribution.test.ts', needs: ['skopeo', 'umoci', 'htpasswd'], builds: 'registry' },
]
/**
 * Their subject is computation, servers of the tests, programs that are not Node's, or what a few suites like them show on both: they run on
 * the oldest Node alone, and crashes at fewer points on the newest.
 */
const onceSuites = [
  'packages/sdk/src/*/**',
  'packages/uploader/src/{announce,package,package-manager,records,signing,store}/**',
  'packages/uploader/src/testing/**',
  'packages/uploader/src/image/{attached,foresee-image,sequences}.test.ts',
  'packages/uploader/src/repository/{apt,files,http-files,indexed,yum}/**',
  'packages/uploader/src/repository/registry/{audience,faults,gitlab}.test.ts',
  'packages/uploader/src/repository/{gitlab-packages,packagecloud,s3}/{faults,processes,doubtful-servers}.test.ts',
  'packages/uploader/src/{deployment/deploy,verb/foresee}.test.ts',
  'examples/**',
  'test/{fuzz,proxy,repositories,watchdog}/**',
  'test/*.test.ts',
  'test/command/!(publish|stage|synth|watch).test.ts',
  'test/images/!(accounts|stage).test.ts',
  'test/release/!(approval|certificates|killed|newcomer|s3).test.ts',
]
/** What is unpacked into the cache, for suites that say so. */
const unpackers = {
  'apt 3': { unpack: aptThree, howToGet: howToGetAptThree },
  'dnf download': { unpack: dnfDownload, howToGet: howToGetDnfDownload },
}
const ci = process.env.CI === 'true'
const patterns = process.argv.slice(2)

installPackages()
const missing = ensureSystemTools(Object.keys(systemTools))
const skipped = suites.flatMap(({ files, needs, builds, unpacks }) => {
  const packages = [...new Set(needs.filter((tool) => missing.includes(tool)).map((tool) => systemTools[tool]))]
  if (packages.length > 0) return [{ files, needs: `${packages.join(', ')}: apt-get install ${packages.join(' ')}` }]
  if (unpacks && unpackers[unpacks].unpack() === undefined) return [{ files, needs: unpackers[unpacks].howToGet }]
  return builds && goTool(builds) === undefined ? [{ files, needs: howToGet(builds) }] : []
})

if (patterns.length === 0) check()
else build()

const results = [test(process.execPath)]
if (ci) results.push(test(nodeBinary(24), { leaveOut: onceSuites, variables: { CRASH_SHARE: '24' } }))

for (const { files, needs } of skipped) console.log(`Not run: ${files}. It needs ${needs}`)
if (results.some(({ files }) => files === 0)) fail(`No test file has ${patterns.join(' or ')} in its path.`)
const passed = results.reduce((sum, result) => sum + result.passed, 0)
const failed = results.reduce((sum, result) => sum + result.failed, 0)
if (ci && skipped.length > 0) fail('In CI every suite has to run.')
for (const failure of results.flatMap((result) => result.failures)) console.log(failure)
console.log(`\n${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0

/** Everything that is checked without running a test. */
function check() {
  step('linting')
  run('biome', ['check', '--error-on-warnings', '.'])
  build()
  step('checking types')
  run('pnpm', ['--recursive', '--silent', '--if-present', 'run', 'types'])
  step('looking for unused code')
  run('knip', [])
  step('checking the packages as npm would publish them')
  for (const name of readdirSync(join(root, 'packages'))) {
    const cwd = join(root, 'packages', name)
    run('publint', ['--strict', '--pack', 'pnpm'], { cwd })
    run('attw', ['--pack', '--profile', 'esm-only', '--quiet'], { cwd, env: { npm_config_user_agent: 'pnpm' } })
  }
}

/** Runs the tests on this Node and counts them. */
function test(node, { leaveOut = [], variables = {} } = {}) {
  step(`testing on ${node}`)
  const folder = mkdtempSync(join(tmpdir(), 'stagegate-test-'))
  const report = join(folder, 'report.json')
  const env = {
    PATH: [dirname(node), process.env.PATH].join(delimiter),
    TEST_LEAVE_OUT: [...skipped.map(({ files }) => files), ...leaveOut].join('\n'),
    ...variables,
  }
  const words = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'test/vitest.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...patterns,
  ]
  try {
    const exitCode = tryRun(node, words, { env })
    const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'))
    const failures = testResults.flatMap(failuresOf)
    if (failures.length === 0 && exitCode !== 0) failures.push(`Failed: an error outside every test, on ${node}. Its text stands above.`)
    return { passed: numPassedTests, failed: failures.length, failures, files: testResults.length }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A line for each test of a file that did not pass. A file that cannot even be loaded has no tests; tests that were left out count too. */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(root, name)
  const failed = assertionResults.filter((test) => test.status !== 'passed')
  if (failed.length === 0) return status === 'passed' ? [] : [`Failed: ${file}: ${firstLine(message)}`]
  return failed.map((test) => `Failed: ${file}: ${test.fullName}: ${firstLine(test.failureMessages?.[0] ?? test.status)}`)
}

function firstLine(text) {
  return text.split('\n', 1)[0]
}
