// Reads published files back, as users do, and compares them with the SHA256SUMS of the build.
import { readFileSync } from 'node:fs'
import { exitCodeOfFindings, openRepository, parseSha256Sums, verifyFiles } from '@stagegate/uploader'
import { shelf } from './own-repository.js'

const { DOWNLOADS = 'https://downloads.acme.example' } = process.env

const found = await verifyFiles(parseSha256Sums(readFileSync('SHA256SUMS', 'utf8')), {
  repository: openRepository(shelf, { server: DOWNLOADS, settings: { path: '/files/' }, access: 'users' }),
  at: (file) => ({ format: 'file', path: `hello/1.2.3/${file}` }),
  deadline: 60_000,
  onWait: ({ file, found: now }, milliseconds) => console.log(`${file}: ${now}, looking again in ${milliseconds} ms`),
})
for (const { file, found: now, problem } of found) console.log(file, now, problem?.message ?? '')
process.exitCode = exitCodeOfFindings(found)
