import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
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
  async onSuccess() {
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
