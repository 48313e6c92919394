import type { SourceLocation } from '../../source-location.js'

/** The text of a file, as it is named in findings. */
export interface FileText {
  readonly file: string
  readonly text: string
}

/** Where the words of a job stand: in the job itself, or in what it extends; else the job. */
export function placeOfWords(
  { line, words }: { readonly line?: string; readonly words: string },
  job: SourceLocation | undefined,
  files: readonly FileText[],
): SourceLocation | undefined {
  if (line === undefined) return job
  const own = files.filter(({ file }) => file === job?.file)
  // Quotes can be written in other ways in the file.
  const plain = line.split(/["'\\]/).reduce((longest, part) => (part.length > longest.length ? part : longest), '')
  for (const wanted of [line, words.replace(/…$/, ''), plain, words.split(' ').slice(0, 2).join(' ')].map(spaced)) {
    if (wanted === '') continue
    const found = own.flatMap((one) => inJob(one, job, wanted))[0] ?? [...own, ...files].flatMap((one) => inFile(one, wanted))[0]
    if (found !== undefined) return found
  }
  return job
}

function inJob({ file, text }: FileText, job: SourceLocation | undefined, wanted: string): readonly SourceLocation[] {
  if (job === undefined) return []
  const lines = text.split('\n').slice(job.line - 1)
  const end = lines.findIndex((line, index) => index > 0 && /^[^\s#]/.test(line))
  return found(lines.slice(0, end === -1 ? undefined : end), wanted).map((index) => ({ file, line: job.line + index, column: 1 }))
}

function inFile({ file, text }: FileText, wanted: string): readonly SourceLocation[] {
  return found(text.split('\n'), wanted).map((index) => ({ file, line: index + 1, column: 1 }))
}

function found(lines: readonly string[], wanted: string): readonly number[] {
  const index = lines.findIndex((line) => !/^\s*#/.test(line) && spaced(line).includes(wanted))
  return index === -1 ? [] : [index]
}

function spaced(text: string): string {
  return (text.split('\n', 1)[0] ?? '').trim().replace(/\s+/g, ' ')
}
