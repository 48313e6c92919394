import { describe, expect, test } from 'vitest'
import { type Form, formFor, inPlace, lines, sections } from './form.js'

function written(make: (write: (text: string) => void) => Form): { readonly form: Form; text(): string } {
  let all = ''
  const form = make((text) => {
    all += text
  })
  return { form, text: () => all }
}

const hostile = 'x\r\u001b[0Ksection_start:1:mine\r\u001b[0K\npublished'

test('for a file it is lines, and details are indented', () => {
  const { form, text } = written(lines)
  form.line('published a')
  form.detail('waiting')
  form.detail(hostile)
  form.close()
  expect(text()).toBe('published a\n  waiting\n  x��[0Ksection-start:1:mine��[0K�published\n')
})

describe('for GitLab', () => {
  const at = 1_700_000_000_000
  const open = (count: number) => `\u001b[0Ksection_start:1700000000:stagegate_${at}_${count}[collapsed=true]\r\u001b[0K`
  const shut = (count: number) => `\u001b[0Ksection_end:1700000000:stagegate_${at}_${count}\r\u001b[0K\n`

  test('details are in folded sections, each under its first, and what stays is between them', () => {
    const { form, text } = written((write) => sections(write, () => at))
    form.line('published a')
    form.detail('one')
    form.detail('two')
    form.line('published b')
    form.line('published c')
    form.detail('three')
    form.close()
    form.close()
    expect(text()).toBe(`published a\n${open(1)}  one\n  two\n${shut(1)}published b\npublished c\n${open(2)}  three\n${shut(2)}`)
  })

  test('text from outside opens no section and ends none', () => {
    const { form, text } = written((write) => sections(write, () => at))
    form.detail(hostile)
    form.line(hostile)
    form.close()
    // As GitLab finds them (lib/gitlab/regex.rb, build_trace_section_regex).
    const marks = text().match(/section_(start|end):\d+:[a-zA-Z0-9_.-]+(\[.*?\])?\r\u001b\[0K/g)
    expect(marks).toHaveLength(2)
    expect(text()).not.toContain('\npublished')
  })
})

/** What a terminal shows in the end: it knows carriage returns and the erasing of a line's rest. */
function screen(text: string): readonly string[] {
  const rows = ['']
  let column = 0
  for (const [token] of text.matchAll(/\u001b\[K|[\s\S]/g)) {
    const row = rows.at(-1) ?? ''
    if (token === '\r') column = 0
    else if (token === '\n') {
      rows.push('')
      column = 0
    } else if (token === '\u001b[K') rows[rows.length - 1] = row.slice(0, column)
    else {
      rows[rows.length - 1] = row.slice(0, column) + token + row.slice(column + 1)
      column++
    }
  }
  return rows
}

describe('for a terminal', () => {
  const onScreen = (columns: number | undefined) => written((write) => inPlace(write, () => columns))

  test('one line is written over again and again, below those that stay', () => {
    const { form, text } = onScreen(40)
    form.live?.('0 of 2 done | a very first state')
    expect(screen(text())).toEqual(['0 of 2 done | a very first state'])
    form.detail('not for here')
    form.live?.('1 of 2 done')
    form.line('published a')
    expect(screen(text())).toEqual(['published a', '1 of 2 done'])
    form.line('published b')
    form.close()
    expect(screen(text())).toEqual(['published a', 'published b', ''])
    form.close()
    expect(screen(text())).toEqual(['published a', 'published b', ''])
  })

  test.each([
    [20, 'x'.repeat(19), 'x'.repeat(19)],
    [20, 'x'.repeat(20), `${'x'.repeat(16)}...`],
    [undefined, 'x'.repeat(80), `${'x'.repeat(76)}...`],
    [0, 'x'.repeat(80), `${'x'.repeat(76)}...`],
    [2, 'x'.repeat(80), '...'],
    [20, 'waiting: 日本語\r\n', 'waiting: ?????'],
  ])('in %s columns it never wraps', (columns, text, shown) => {
    const { form, text: all } = onScreen(columns)
    form.live?.(text)
    expect(screen(all())).toEqual([shown])
  })

  test('an unchanged line is not written again', () => {
    const { form, text } = onScreen(40)
    form.live?.('the same')
    const before = text()
    form.live?.('the same')
    expect(text()).toBe(before)
  })
})

describe('the form is that of who reads', () => {
  // The cast: of a stream, only these are looked at.
  const stream = (isTTY: boolean | undefined) => ({ isTTY, columns: 80, write: () => true }) as unknown as NodeJS.WriteStream
  test.each<[string, boolean | undefined, Record<string, string>, 'live' | 'sections' | 'lines']>([
    ['a terminal', true, { TERM: 'xterm' }, 'live'],
    ['a terminal without colours, as this has none', true, { NO_COLOR: '1' }, 'live'],
    ['a terminal that cannot move its cursor', true, { TERM: 'dumb' }, 'lines'],
    ['a file', undefined, {}, 'lines'],
    ['a terminal of some CI', true, { CI: 'true' }, 'lines'],
    ['a terminal where CI is off', true, { CI: 'false' }, 'live'],
    ['a GitLab job', undefined, { CI: 'true', GITLAB_CI: 'true' }, 'sections'],
  ])('for %s', (_who, isTTY, variables, form) => {
    let text = ''
    const out = stream(isTTY)
    out.write = (chunk: string | Uint8Array) => {
      text += chunk
      return true
    }
    const made = formFor(out, variables)
    made.detail('a detail')
    made.close()
    const seen = made.live !== undefined ? 'live' : text.includes('section_start') ? 'sections' : 'lines'
    expect(seen).toBe(form)
    // No colours, ever.
    expect(text).not.toMatch(/\u001b\[[\d;]*m/)
  })
})
