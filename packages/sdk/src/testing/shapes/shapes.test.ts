import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { audit } from '../../audit/audit.js'
import { lintText } from '../../lint/index.js'

/**
 * Pipelines as teams write them, and the verdict of an audit without options. In a file, `## ` begins a shape with a sentence about it. Lines
 * with `#> ` below say what is expected: `publishes: a | b` and `click: a` for the guesses, `refused J7` for the rule of GitLab that the
 * pipeline breaks, `unseen` where something was not read; the command ends with 2 and 4 there, and with 0 everywhere else. GitLab takes a
 * pipeline and nothing is guessed in it where no line says otherwise.
 * `#> file PATH` begins another file of the shape. The lists of commands beside it are single lines of scripts, each in a job of its own.
 */
interface Shape {
  readonly name: string
  readonly files: ReadonlyMap<string, string>
  readonly verdict: readonly string[]
}

const root = '.gitlab-ci.yml'

function shapeOf(text: string): Shape {
  const [name = '', ...lines] = text.split('\n')
  const files = new Map<string, string>()
  let file = root
  for (const line of lines) {
    if (line.startsWith('#> file ')) file = line.slice(8)
    else if (!line.startsWith('#> ')) files.set(file, `${files.get(file) ?? ''}${line}\n`)
  }
  const told = lines.filter((line) => line.startsWith('#> ') && !line.startsWith('#> file ')).map((line) => line.slice(3))
  return { name, files, verdict: told.sort() }
}

function verdictOf({ files }: Shape): readonly string[] {
  const yaml = files.get(root) ?? ''
  const options = { readLocal: Object.assign((path: string) => files.get(path), { list: () => [...files.keys()] }) }
  const { valid, gate, guesses, clicks, findings } = audit(yaml, options)
  const rules = lintText(yaml, options).findings.flatMap(({ severity, rule }) => (severity === 'error' ? [rule] : []))
  const errors = valid ? findings.filter(({ severity }) => severity === 'error').map(({ code }) => code) : []
  return [
    ...(valid ? [] : [`refused ${[...new Set(rules)].join(' ')}`]),
    ...(valid && gate === 'unseen' ? ['unseen'] : []),
    ...(errors.length > 0 ? [`errors ${[...new Set(errors)].join(' ')}`] : []),
    ...(guesses.length > 0 ? [`publishes: ${guesses.map(({ job }) => job).join(' | ')}`] : []),
    ...(clicks.length > 0 ? [`click: ${clicks.map(({ job }) => job).join(' | ')}`] : []),
  ].sort()
}

const folder = new URL('.', import.meta.url)
const all = readdirSync(folder)
  .filter((name) => name.endsWith('.yml'))
  .map((name) => ({ name, shapes: `\n${readFileSync(new URL(name, folder), 'utf8')}`.split('\n## ').slice(1).map(shapeOf) }))

describe.each(all)('$name', ({ shapes }) => {
  test.each(shapes)('$name', (shape) => {
    expect(verdictOf(shape)).toEqual(shape.verdict)
  })
})

test('every shape has a unique name', () => {
  const names = all.flatMap(({ name, shapes }) => shapes.map((one) => `${name}: ${one.name}`))
  expect(new Set(names).size).toBe(names.length)
})

const guessesOf = (command: string) => audit(`job:\n  script:\n    - ${JSON.stringify(command)}\n`).guesses.map(({ by }) => by)
const linesOf = (name: string) => readFileSync(new URL(name, folder), 'utf8').trim().split('\n')

test.each(linesOf('publishing-commands.txt'))('a job with this command is guessed: %s', (command) => {
  expect(guessesOf(command)).toEqual(['command'])
})

test.each(linesOf('other-commands.txt'))('no job with this command alone is guessed: %s', (command) => {
  expect(guessesOf(command)).toEqual([])
})
