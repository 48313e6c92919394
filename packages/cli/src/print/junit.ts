import { describeCoordinates, type Finding, type Outcome } from '@stagegate/schema'
import { exitCodeOfFindings } from '@stagegate/uploader'
import { digestLines, outcomeLine, problemLines } from './outcome.js'
import { plain } from './output.js'

type Result =
  | { readonly is: 'passed' }
  /** `failure`: a person must investigate. `error`: running it again can help. `skipped`: it changes nothing. */
  | { readonly is: 'failure' | 'error' | 'skipped'; readonly message: string; readonly text: string }

interface Case {
  readonly suite: string
  /** The name that GitLab shows for the suite. */
  readonly classname: string
  readonly name: string
  readonly milliseconds: number
  readonly result: Result
}

/**
 * The outcomes of publishing as a JUnit report: a case for each artifact and destination.
 * @see https://docs.gitlab.com/ci/testing/unit_test_reports/
 */
export function junitOfOutcomes(outcomes: readonly Outcome[]): string {
  return junit(
    'stagegate publish',
    outcomes.map((outcome) => ({
      ...placeOf(outcome),
      milliseconds: Math.max(0, Date.parse(outcome.finishedAt) - Date.parse(outcome.startedAt)),
      result: resultOf(outcome),
    })),
  )
}

/** The same for findings of verifying. `startedAt`: when it began to look, in milliseconds. */
export function junitOfFindings(findings: readonly Finding[], startedAt: number): string {
  return junit(
    'stagegate verify',
    findings.map((finding) => ({
      ...placeOf(finding),
      milliseconds: Math.max(0, Date.parse(finding.checkedAt) - startedAt),
      result: resultOfFinding(finding),
    })),
  )
}

function placeOf({ target, destination, coordinates }: Outcome | Finding): Pick<Case, 'suite' | 'classname' | 'name'> {
  return { suite: target, classname: destination.repository, name: describeCoordinates(coordinates) }
}

function resultOf(outcome: Outcome): Result {
  const { verdict, destination } = outcome
  if (verdict === 'published' || verdict === 'already-public') return { is: 'passed' }
  const text = [outcomeLine(outcome), ...problemLines(outcome), ...digestLines(outcome)].join('\n')
  return weighed(destination.advisory, verdict === 'undetermined' ? 'error' : 'failure', verdict, text)
}

function resultOfFinding({ found, seen, problem, destination }: Finding): Result {
  if (found === 'sealed-bytes') return { is: 'passed' }
  const text = [found, ...problemLines({ ...(problem && { problem }) }), ...(seen === undefined ? [] : [`public  sha256 ${seen}`])].join(
    '\n',
  )
  return weighed(
    destination.advisory,
    exitCodeOfFindings([{ found, destination: { ...destination, advisory: false } }]) === 3 ? 'failure' : 'error',
    found,
    text,
  )
}

/** A problem at an advisory destination is reported, but does not turn the pipeline's tests red. */
function weighed(advisory: boolean, is: 'failure' | 'error', message: string, text: string): Result {
  return advisory ? { is: 'skipped', message: `advisory: ${message}`, text } : { is, message, text }
}

function junit(name: string, cases: readonly Case[]): string {
  const suites = new Map<string, Case[]>()
  for (const one of cases) suites.set(one.suite, [...(suites.get(one.suite) ?? []), one])
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes({ name, ...sumOf(cases) })}>`,
    ...[...suites].flatMap(([suite, those]) => [
      `  <testsuite ${attributes({ name: suite, ...sumOf(those) })}>`,
      ...those.map((one) => `    ${caseText(one)}`),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n')
}

function caseText({ classname, name, milliseconds, result }: Case): string {
  const head = `testcase ${attributes({ classname, name, time: secondsOf(milliseconds) })}`
  if (result.is === 'passed') return `<${head}/>`
  // GitLab shows the content, others the message.
  return `<${head}><${result.is} ${attributes({ message: result.message })}>${escaped(result.text)}</${result.is}></testcase>`
}

function sumOf(cases: readonly Case[]): Record<string, string> {
  const count = (is: Result['is']) => String(cases.filter(({ result }) => result.is === is).length)
  return {
    tests: String(cases.length),
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: secondsOf(cases.reduce((sum, { milliseconds }) => sum + milliseconds, 0)),
  }
}

function secondsOf(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}

function attributes(values: Readonly<Record<string, string>>): string {
  // A parser turns a line break in an attribute into a space, unless it is escaped.
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escaped(value).replace(/[\n\t]/g, (character) => `&#${character.charCodeAt(0)};`)}"`)
    .join(' ')
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

function escaped(text: string): string {
  return (
    plain(text)
      // XML 1.0 cannot hold lone surrogates and two noncharacters (section 2.2).
      .replace(/[\ud800-\udfff\ufffe\uffff]/gu, '�')
      // GitLab looks for attachments: [[ATTACHMENT|path]].
      .replaceAll('[[', '[ [')
      .replace(/[&<>"']/g, (character) => entities[character] ?? '')
  )
}
