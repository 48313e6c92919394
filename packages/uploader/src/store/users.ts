import type { Readable } from 'node:stream'
import { type Call, NotThere } from '../contract/capabilities.js'
import type { StorePath } from './path.js'
import type { Store } from './store.js'

/** The way in which users read a place. */
export interface Users {
  /** The bytes that users get; `undefined` if they get nothing. */
  read(path: StorePath, call: Call): Promise<Readable | undefined>
}

/** Users that read the store itself. */
export function usersOf(store: Store): Users {
  return {
    async read(path, call) {
      try {
        return (await store.read(path, call)).stream
      } catch (error) {
        if (error instanceof NotThere) return undefined
        throw error
      }
    },
  }
}
