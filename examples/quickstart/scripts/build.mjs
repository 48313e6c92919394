// node scripts/build.mjs NAME DISTRIBUTION ARCHITECTURE: leaves dist/NAME_VERSION_ARCHITECTURE.deb
import { mkdirSync, writeFileSync } from 'node:fs'
import { writeDeb } from './deb.mjs'

const [name, distribution, architecture] = process.argv.slice(2)
const version = process.env.CI_COMMIT_TAG?.replace(/^v/, '') || '0.0.0'

const program = { './usr/bin/hello': { text: `#!/bin/sh\necho "hello ${version}, built for ${distribution}"\n`, mode: 0o755 } }
const manual = { './usr/share/doc/hello/README': { text: `hello ${version}: says hello.\n`, mode: 0o644 } }

const deb = writeDeb({
  control: {
    Package: name,
    Version: `${version}-1`,
    Architecture: architecture,
    Maintainer: 'Quickstart <quickstart@example.org>',
    Section: 'misc',
    Priority: 'optional',
    Description: name === 'hello' ? `says hello on ${distribution}` : 'what hello says, and why',
  },
  files: name === 'hello' ? program : manual,
})
mkdirSync('dist', { recursive: true })
const file = `dist/${name}_${version}-1_${architecture}.deb`
writeFileSync(file, deb)
console.log(`built ${file}, ${deb.length} bytes`)
