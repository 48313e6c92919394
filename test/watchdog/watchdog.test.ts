import { request } from 'node:https'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { authority, ca } from '../authority.js'
import { listen } from '../listen.js'
import { capture } from '../tasks/rehearsal.mjs'
import { watch } from './watchdog.js'

const root = new URL('../..', import.meta.url).pathname

/** The report of a standstill of two seconds; nothing here may wake this process meanwhile. */
function standstill(): Promise<string> {
  return new Promise((resolve) => {
    onTestFinished(watch({ limit: 2, onStandstill: resolve }))
  })
}

test('a process that hangs says which requests and connections it waits for', async () => {
  const { url, close } = await listen(() => undefined)
  onTestFinished(close)
  const { host } = new URL(url)
  const asked = request(`${url}/never`, { ca, agent: false }).on('error', () => undefined)
  asked.end()
  const report = await standstill()
  expect(report).toContain('for 2 s no byte has moved, no timer has run out and nothing was said')
  expect(report).toMatch(new RegExp(`request GET https://${host}/never: sent, no answer yet; \\d+ B read, \\d+ B written, `))
  expect(report).toContain('served GET /never: came whole, not answered yet')
  expect(report).toMatch(/connection from 127\.0\.0\.1:\d+ \(here :\d+\): \d+ B read, \d+ B written/)
  expect(report).toMatch(/active: .*TCPSocketWrap/)
})

test('a process that it has started says so for itself', async () => {
  const { url, close } = await listen(() => undefined)
  onTestFinished(close)
  const program = `import('node:https').then(({ get }) => get('${url}/child', { ca: ${JSON.stringify(ca)} })); console.log('asking')`
  const running = capture(process.execPath, ['-e', program], { cwd: root, timeout: 20_000 })
  const report = await standstill()
  expect(report).toMatch(/process \d+: .*node .* which says on its stderr what it waits for/)
  expect(report).toMatch(/has said:\n {2}asking/)
  expect(report).toContain(`request GET https://${new URL(url).host}/child: sent, no answer yet`)
  await close()
  await running
})

test.each<[string, () => Promise<() => unknown>]>([
  [
    'a timer that runs out',
    async () => {
      const timer = setInterval(() => undefined, 700)
      return () => clearInterval(timer)
    },
  ],
  [
    'a byte that comes',
    async () => {
      const { url, close } = await listen((_, response) => {
        const more = setInterval(() => response.write('x'), 700)
        response.once('close', () => clearInterval(more))
      })
      const asked = request(url, { ca, agent: false }, (response) => response.resume()).on('error', () => undefined)
      asked.end()
      return close
    },
  ],
  [
    'a timer of a process of Node’s',
    async () => {
      const running = capture(process.execPath, ['-e', 'setInterval(() => undefined, 700); setTimeout(() => process.exit(), 4000)'], {
        cwd: root,
        timeout: 20_000,
      })
      return () => running
    },
  ],
  [
    'a byte in another process, through one that says nothing',
    async () => {
      const running = capture('sh', ['-c', '(for i in 1 2 3 4 5 6; do sleep 0.7; echo x; done) | cat >/dev/null'], {
        cwd: root,
        timeout: 20_000,
      })
      return () => running
    },
  ],
])('%s is life', async (_, live) => {
  const end = await live()
  let report = ''
  const unwatch = watch({
    limit: 2,
    onStandstill: (said) => {
      report = said
    },
  })
  await pause(3500)
  unwatch()
  await end()
  expect(report).toBe('')
})

test('an undeclared connection is named', async () => {
  const { url, close } = await listen(() => undefined)
  onTestFinished(close)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  expect(await standstill()).toContain('connection to 127.0.0.1')
  expect(authority.ca).toBe(ca)
})

test('the whole run fails, and says why', { timeout: 300_000 }, async () => {
  const words = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/watchdog/hanging.config.ts']
  const { exitCode, output } = await capture(process.execPath, words, {
    cwd: root,
    timeout: 120_000,
    variables: { STAGEGATE_TEST_STANDSTILL: '2', NO_COLOR: '1' },
  })
  expect(exitCode, output).toBe(1)
  expect(output).toContain('for 2 s no byte has moved')
  expect(output).toMatch(/request GET https:\/\/127\.0\.0\.1:\d+\/hanging: sent, no answer yet/)
})
