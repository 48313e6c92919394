// Copies an image with its platforms, signatures and SBOMs to the registry where users pull it, and moves `latest`.
import { copyImage, exitCodeOf, registry } from '@stagegate/uploader'

const { STAGING = 'registry.acme.example/acme', PUBLIC = 'docker.io/acme' } = process.env
const source = registry(STAGING)
const target = registry(PUBLIC, { username: 'acme', password: { variable: 'HUB_PASSWORD' } })

const copied = await copyImage({
  from: { repository: source, image: 'hello', tag: '1.2.3' },
  to: { repository: target, image: 'hello' },
  tags: ['1.2.3', { moves: 'latest' }],
})
console.log(copied.verdict, copied.content.sha256, copied.problem?.message ?? '')
for (const { tag, before, after } of copied.image?.tags ?? []) console.log(tag, before ?? 'nothing', '->', after ?? 'nothing')
process.exitCode = exitCodeOf([copied])
