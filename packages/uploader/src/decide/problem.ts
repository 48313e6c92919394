import type { Content, Problem } from '@stagegate/schema'
import type { History, State } from './decide.js'

/** The problem of a destination's state, after the writes that were tried. */
export function problemIn(state: State, { lastWrite }: History, expected: Content): Problem | undefined {
  switch (state.is) {
    case 'same':
      return undefined
    case 'unknown':
      return state.because
    case 'different': {
      const cut = state.size !== undefined && state.size < expected.size
      const hint = cut ? ` It is ${expected.size - state.size} bytes shorter, so it may be the rest of an interrupted upload.` : ''
      return { code: 'content/conflict', message: `A different file is there under this name.${hint}` }
    }
    case 'absent':
      if (lastWrite === 'accepted') return { code: 'repository/not-listed', message: 'The server accepted it but does not list it.' }
      if (lastWrite === 'exists')
        return { code: 'repository/not-listed', message: 'The server reports that it exists but does not list it.' }
      return undefined
  }
}
