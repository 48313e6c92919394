import type { EmulatedServer } from '../server/emulate.js'
import type { Place } from './place.js'

/** A port where nobody listens. */
const nowhere = 'https://127.0.0.1:1'

/** A repository or a store at a server. */
export interface AtServer<Account, Opened> {
  /** Who may write, who may only read, and whom the server does not know. */
  readonly accounts: { readonly writes: Account; readonly reads: Account; readonly nobody: Account }
  readonly open: (account: Account, url: string) => Opened
  /** Writes that are not answered, once each. */
  readonly lost: readonly { readonly method: string; readonly path: RegExp }[]
}

/** A repository at a server, which ends with its place. */
export function placeAt<Account>(
  server: EmulatedServer,
  { remove, ...at }: AtServer<Account, Place['repository']> & Pick<Place, 'remove'>,
): Place {
  return { repository: at.open(at.accounts.writes, server.url), ...meansAt(server, at), remove }
}

/** The means to break things around a place at a server. */
export function meansAt<Account, Opened>(server: EmulatedServer, { accounts, open, lost }: AtServer<Account, Opened>) {
  const writes = () => open(accounts.writes, server.url)
  return {
    another: writes,
    unreachable: () => open(accounts.writes, nowhere),
    failing() {
      server.faults.add({ times: Number.POSITIVE_INFINITY, do: { answer: 500 } })
      return writes()
    },
    refused: () => open(accounts.nobody, server.url),
    readOnly: () => open(accounts.reads, server.url),
    losingAnswers() {
      for (const on of lost) server.faults.add({ on, do: { commitThenReset: true } })
      return writes()
    },
    async close() {
      await server.close()
      if (server.violations.length > 0) throw new Error(server.violations.join(', '))
    },
  }
}
