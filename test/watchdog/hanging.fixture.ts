import { get } from 'node:https'
import { test } from 'vitest'
import { ca } from '../authority.js'
import { listen } from '../listen.js'

test('hangs', async () => {
  const { url } = await listen(() => undefined)
  await new Promise((resolve, reject) => get(`${url}/hanging`, { ca }, resolve).once('error', reject))
})
