import { describe, expect, test } from 'vitest'
import { escapeXml, parseXml, textIn } from './xml.js'

test('an answer is its elements and their texts', () => {
  const root = parseXml(
    '\n<?xml version="1.0"?>\n<A xmlns="http://a.example"><B>1 &lt; 2 &#x26; <![CDATA[<3>]]></B><C><D/></C><B>4</B></A>  ',
  )
  expect(root).toEqual({
    name: 'A',
    text: '',
    children: [
      { name: 'B', text: '1 < 2 & <3>', children: [] },
      { name: 'C', text: '', children: [{ name: 'D', text: '', children: [] }] },
      { name: 'B', text: '4', children: [] },
    ],
  })
  expect([textIn(root, 'B'), textIn(root, 'D'), textIn(undefined, 'B')]).toEqual(['1 < 2 & <3>', undefined, undefined])
})

describe('nothing is read of', () => {
  const deep = (depth: number) => `${'<a>'.repeat(depth)}${'</a>'.repeat(depth)}`
  test.each([
    ['no text', ''],
    ['a page', '<!DOCTYPE html><html><br></html>'],
    ['an answer without an end', '<Error><Code>NoSuchKey</Code>'],
    ['two answers', '<Error/><Error/>'],
    ['entities of its own', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['a file of this machine', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
    ['elements in elements without an end', deep(100_000)],
    ['too many elements', `<a>${'<b/>'.repeat(60_000)}</a>`],
    ['characters that XML has not', '<a>\u0000</a>'],
  ])('%s', (_, text) => {
    expect(parseXml(text)).toBeUndefined()
  })

  test('more than twenty levels', () => {
    expect(parseXml(deep(20))).toBeDefined()
    expect(parseXml(deep(21))).toBeUndefined()
  })
})

test('a text that is written is the text that is read', () => {
  const text = '"a"<b>&amp;\''
  expect(textIn(parseXml(`<r><t>${escapeXml(text)}</t></r>`), 't')).toBe(text)
})
