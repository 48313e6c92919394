import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, defineConfig } from 'tsup'

// CommonJS packages in an ES module ask for `require`.
const banner = "import { createRequire as __createRequire } from 'node:module'\nconst require = __createRequire(import.meta.url)"

/** First the command, in one file; then the library, which carries that file's sha256. */
export default defineConfig({
  entry: { stagegate: 'src/main.ts' },
  format: 'esm',
  target: 'node20',
  outExtension: () => ({ js: '.mjs' }),
  splitting: false,
  // Only `synth` on an older Node needs jiti, and there it is installed.
  noExternal: [/^(?!jiti$)/],
  banner: { js: banner },
  clean: true,
  metafile: true,
  async onSuccess() {
    writeFileSync('dist/LICENSES.txt', licences('dist/metafile-esm.json'))
    rmSync('dist/metafile-esm.json')
    const sha256 = createHash('sha256').update(readFileSync('dist/stagegate.mjs')).digest('hex')
    await build({
      config: false,
      entry: ['src/index.ts', 'src/testing.ts'],
      format: 'esm',
      target: 'node20',
      define: { STAGEGATE_COMMAND_SHA256: JSON.stringify(sha256) },
    })
  },
})

/** Those of other people's packages that the command has in it, and those that the SDK and the uploader have in them. */
function licences(metafile: string): string {
  // As esbuild writes it.
  const { inputs } = JSON.parse(readFileSync(metafile, 'utf8')) as { inputs: Record<string, unknown> }
  const folders = Object.keys(inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [])
  return [
    ...[...new Set(folders)].sort().map(licence),
    ...['sdk', 'uploader'].map((name) => readFileSync(`../${name}/dist/LICENSES.txt`, 'utf8')),
  ].join('\n')
}

function licence(folder: string): string {
  const { name, version, license, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  const more = /^LGPL/.test(license) ? lesserNotice(name, version, repository) : ''
  return `# ${name} ${version} (${license})\n${more}${text}${more && `\n${readFileSync('licences/GPL-3.0.txt', 'utf8').trimEnd()}\n`}`
}

/** Section 4 of the LGPL asks for this notice, for both licences, and for a way to put another version of the library in. */
function lesserNotice(name: string, version: string, repository: { url: string }): string {
  return `
The command contains ${name}, as its authors publish it, joined in by a bundler. It, and its use here, are covered by the GNU Lesser General Public License, which follows
with the GNU General Public License that it refers to. Its sources: ${repository.url}, and the npm package ${name}@${version}.
The sources of the command are free (MIT): built with another version of ${name}, the command uses that one.
`
}
