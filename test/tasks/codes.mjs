// npm run codes: writes docs/codes.md from the tables of codes. The packages must have been built.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './shell.mjs'

/** The page, from the tables that the built packages export. */
export async function codesPage() {
  const { errorCodes } = await import(pathToFileURL(join(root, 'packages/schema/dist/index.js')).href)
  const { issueCodes } = await import(pathToFileURL(join(root, 'packages/sdk/dist/index.js')).href)
  return `# Codes

Codes are stable: programs may compare them. This page is written by \`npm run codes\` from the tables \`issueCodes\` of
\`@stagegate/sdk\` and \`errorCodes\` of \`@stagegate/schema\`.

## Issues of synth and audit

A warning can be accepted with a reason: \`app.accept(code, because)\`. A construct of your own uses codes that begin with \`custom/\`.

${tableOf(['code', 'severity', 'meaning', 'what to do'], Object.entries(issueCodes), ({ severity, meaning, action }) => [severity, meaning, action])}

## Errors, and problems in receipts

A repository of your own may use codes of its own.

${tableOf(['code', 'meaning', 'what to do'], Object.entries(errorCodes), ({ meaning, action }) => [meaning, action])}
`
}

function tableOf(head, entries, cells) {
  const rows = entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, entry]) => [`\`${code}\``, ...cells(entry)])
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(root, 'docs/codes.md'), await codesPage())
