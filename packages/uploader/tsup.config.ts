import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'tsup'

const decoder = createRequire(import.meta.url).resolve('xz-decompress')
const agent = fileURLToPath(import.meta.resolve('https-proxy-agent'))
const agentBase = createRequire(agent).resolve('agent-base')

/**
 * A CommonJS module asks for `require`, which a bundle of ES modules has not: a program that is bundled could not start. What has one comes
 * along as an ES module; the xz decoder is loaded with the first package that needs it.
 */
export default defineConfig({
  entry: { index: 'src/index.ts', jobs: 'src/jobs.ts', 'testing/index': 'src/testing/index.ts' },
  format: 'esm',
  target: 'node20',
  clean: true,
  noExternal: ['xz-decompress', 'https-proxy-agent'],
  esbuildPlugins: [
    {
      name: 'without require',
      setup(build) {
        build.onLoad({ filter: /[\\/]xz-decompress\.js$/ }, ({ path }) => ({
          contents: [
            "import * as web from 'node:stream/web'",
            'export default (function (module, exports, require) {',
            readFileSync(path, 'utf8'),
            'return module.exports',
            '})({ exports: {} }, {}, () => web)',
          ].join('\n'),
        }))
        // The agent's log for its own developers, which shows a proxy's password.
        build.onResolve({ filter: /^debug$/ }, () => ({ path: 'debug', namespace: 'silence' }))
        build.onLoad({ filter: /.*/, namespace: 'silence' }, () => ({ contents: 'export default () => () => undefined' }))
      },
    },
  ],
  onSuccess: async () => {
    writeFileSync('dist/LICENSES.txt', [decoder, agent, agentBase].map(licence).join('\n'))
  },
})

/** The licence of the package that a file belongs to: a file of its own, or the notice at the top of the code. */
function licence(entry: string): string {
  let folder = dirname(entry)
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = join(folder, 'LICENSE')
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : /^\/\*![\s\S]*?\*\//.exec(readFileSync(entry, 'utf8'))?.[0]
  if (text === undefined) throw new Error(`Expected the licence of ${name}`)
  return `# ${name} ${version} (${license})\n\n${text}\n`
}
