import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { StagegateError } from '@stagegate/schema'

/** An error in the author's own file: shown at its line, without our stack. */
export class AuthorError extends StagegateError {
  static from(error: unknown, file: string): AuthorError {
    const place = placeIn(error, dirname(file)) ?? { file, line: undefined }
    const name = error instanceof Error ? error.name : 'Error'
    const message = error instanceof Error ? error.message : String(error)
    const shown = relative(process.cwd(), place.file) || place.file
    return new AuthorError({
      code: 'author/exception',
      where: place.line === undefined ? shown : `${shown}:${place.line}`,
      what: `${name === 'Error' ? '' : `${name}: `}${firstLines(message)}${hidesLine(error) ? '' : frame(place)}`,
      ...nextFor(message),
      cause: error,
    })
  }
}

/** Advice for an import that cannot be resolved. Node requires the complete name of a file. */
function nextFor(message: string): { readonly next?: string } {
  const wanted = /^Cannot find (?:module|package) '([^']+)'/.exec(message)?.[1]
  if (wanted === undefined) return {}
  if (wanted === 'stagegate') return { next: 'Install it in the folder of the file: npm install --save-dev stagegate' }
  const path = wanted.startsWith('file://') ? fileURLToPath(wanted) : wanted
  if (!isAbsolute(path))
    return /^[.#]/.test(path) ? {} : { next: `Install it in the folder of the file: npm install --save-dev ${packageOf(path)}` }
  const found = ['.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.js'].find((end) => existsSync(path + end))
  const typed = path.replace(/\.[cm]?js$/, '.ts')
  if (found !== undefined) return { next: `Import it with its full name: ${basename(path)}${found}` }
  return typed !== path && existsSync(typed) ? { next: `Import it with its real name: ${basename(typed)}` } : {}
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

interface Place {
  readonly file: string
  readonly line: number | undefined
  /** From 0, for a syntax error. Other columns are left out, since a transform that strips types shifts them. */
  readonly column?: number | undefined
}

/** The topmost position in the author's folder: from the stack, or from the message if the file is not even TypeScript. */
function placeIn(error: unknown, folder: string): Place | undefined {
  if (!(error instanceof Error)) return undefined
  for (const line of `${error.stack ?? ''}\n${error.message}`.split('\n')) {
    const match = /((?:file:\/\/|\/|[A-Za-z]:\\)[^()\s]*?\.[cm]?[jt]s)(?:\?[^:()]*)?:(\d+)(?::(\d+))?/.exec(line)
    if (match?.[1] === undefined) continue
    const file = match[1].startsWith('file://') ? fileURLToPath(match[1]) : match[1]
    if (!file.startsWith(folder + sep) || file.includes(`${sep}node_modules${sep}`)) continue
    const isParsed = error.message.startsWith('ParseError') && match[3] !== undefined
    return { file, line: Number(match[2]), column: isParsed ? Number(match[3]) : undefined }
  }
  return undefined
}

/** Errors of Node and Babel repeat the place and the code; the sentence comes first. */
function firstLines(message: string): string {
  return (message.split('\n', 1)[0] ?? message).trimEnd()
}

/** The line of an error about a credential may contain the credential itself. */
function hidesLine(error: unknown): boolean {
  return error instanceof Error && 'hidesLine' in error && error.hidesLine === true
}

function frame({ file, line, column }: Place): string {
  const text = line === undefined ? undefined : lineOf(file, line)
  if (text === undefined) return ''
  const caret = column === undefined ? '' : `  ${' '.repeat(String(line).length)} | ${' '.repeat(column)}^\n`
  return `\n\n  ${line} | ${text}\n${caret}`
}

function lineOf(file: string, line: number): string | undefined {
  try {
    return readFileSync(file, 'utf8').split('\n')[line - 1]?.replaceAll('\t', ' ')
  } catch {
    return undefined
  }
}
