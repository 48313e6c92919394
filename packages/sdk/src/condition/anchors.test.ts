import { expect, test } from 'vitest'
import { Condition } from './condition.js'

const { tag, branch, variable } = Condition

test.each<[re: RegExp, open: readonly string[]]>([
  [/^v(?<version>\d+\.\d+)$/, []],
  [/v(?<version>\d+\.\d+)$/, ['start']],
  [/^v(?<version>\d+\.\d+)/, ['end']],
  [/v(?<version>\d+\.\d+)/, ['start', 'end']],
  // The author says that anything may stand there.
  [/v(?<version>.+)/, ['start']],
  [/^v(?<version>.+)/, []],
  [/^v(?<version>.*)/, []],
  [/^v(?<version>.+?)/, ['end']],
  [/.*v(?<version>\d+)$/, []],
  [/^v(?<version>\d+).*/, []],
  [/^v(?<version>\d.)/, ['end']],
  // Escaped, and in classes, they are characters.
  [/\^v(?<version>\d+)\$/, ['start', 'end']],
  [/[^v](?<version>\d+)[$]/, ['start', 'end']],
  [/Av(?<version>\d+)Z/, ['start', 'end']],
  // Alternatives.
  [/^v(?<version>\d+)$|^(?<x>\d+)$/, []],
  [/^a|v(?<version>\d+)$/, ['start', 'end']],
  [/^(?:v|r)(?<version>\d+)$/, []],
  [/(?:^v|^r)(?<version>\d+)$/, []],
  [/(?:^v|r)(?<version>\d+)$/, ['start']],
  [/^v(?<version>\d+)(?:$|-x$)/, []],
  [/^v(?<version>\d+)(?:$|-x)/, ['end']],
  [/^v(?:(?<version>\d.+)|x.*)/, []],
  [/^v(?:\d|.*)-(?<version>\d+)/, ['end']],
  [/^(?<version>\d+)(?:$|-.*)/, []],
  // What may be left out anchors nothing.
  [/(?:^v)?(?<version>\d+)$/, ['start']],
  [/(?:^v)*(?<version>\d+)$/, ['start']],
  [/(?:^v){0,1}(?<version>\d+)$/, ['start']],
  [/(?:^v){1}(?<version>\d+)$/, []],
  [/(?:^)v(?<version>\d+)(?:$)/, []],
  [/(?<version>^\d+$)/, []],
  // Flags. Tags have no line breaks.
  [/^V(?<version>\d+)$/im, []],
  // Without a version nothing is taken out of the tag.
  [/v\d+/, []],
])('%s leaves open %j', (re, open) => {
  expect(tag(re).openEnds).toEqual(open)
})

const loose = tag(/v(?<version>\d+)/)

test.each<[string, Condition, readonly string[]]>([
  ['another tag expression', loose.and(tag(/^v/)), ['end']],
  ['another two', Condition.all(loose, tag(/^v/), tag(/\d$/)), []],
  ['one of two', loose.and(tag(/^v/).or(tag(/^r/))), ['end']],
  ['one of two that does not', loose.and(tag(/^v/).or(tag(/r/))), ['start', 'end']],
  ['no other condition', loose.and(branch(/^v.*$/)).and(variable('X').matches(/^v$/)), ['start', 'end']],
  ['an alternative', loose.or(variable('X').isSet()), ['start', 'end']],
  ['not by its opposite', loose.and(tag(/^dev/).not()), ['start', 'end']],
])('what the version leaves open is closed by %s', (_, condition, open) => {
  expect(condition.openEnds).toEqual(open)
})
