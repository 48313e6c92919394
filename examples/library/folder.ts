// Releases the packages of dist/ to a folder and to packagecloud, and keeps the receipt.
import { writeFileSync } from 'node:fs'
import { directory, exitCodeOf, packagecloud, release } from '@stagegate/uploader'

const { PACKAGES_URL, BUILD_NUMBER = 'by hand' } = process.env

const receipt = await release({
  name: 'hello',
  version: '1.2.3',
  from: 'dist',
  files: ['ubuntu/jammy/*.deb'],
  to: {
    mirror: directory('mirror'),
    stable: packagecloud('acme/stable', { url: PACKAGES_URL, token: { variable: 'PACKAGES_TOKEN' } }),
  },
  by: { ci: 'jenkins', run: BUILD_NUMBER },
})
writeFileSync('receipt.json', JSON.stringify(receipt))
for (const { verdict, path, repository } of receipt.outcomes) console.log(verdict, path, 'in', repository)
process.exitCode = exitCodeOf(receipt.outcomes)
