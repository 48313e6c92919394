/** A challenge of a server: `Bearer realm="https://auth.example/token",service="registry.example"`. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** Names are in lower case. */
  readonly parameters: ReadonlyMap<string, string>
}

/** No server has more to say. */
const longest = 8192

const token = "[A-Za-z0-9!#$%&'*+.^_`|~-]+"
const parameter = new RegExp(`[\\s,]*(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))`, 'y')
// A scheme may be followed by something else than parameters (`token68`), which says nothing to us.
const scheme = new RegExp(`[\\s,]*(${token})(?=[\\s,]|$)(?! *=)(?: +[A-Za-z0-9._~+/-]+=*(?=\\s*(?:,|$)))?`, 'y')

/** The challenges of a `WWW-Authenticate` (RFC 9110, section 11.6.1), up to what is none. */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  const challenges: { readonly scheme: string; readonly parameters: Map<string, string> }[] = []
  const text = (header ?? '').slice(0, longest)
  for (let at = 0; ; ) {
    const last = challenges.at(-1)
    const found = last === undefined ? undefined : next(parameter, text, at)
    if (last !== undefined && found !== undefined) {
      const [, name = '', quoted, plain = ''] = found
      last.parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain)
      at = parameter.lastIndex
      continue
    }
    const begun = next(scheme, text, at)
    if (begun === undefined) return challenges
    challenges.push({ scheme: (begun[1] ?? '').toLowerCase(), parameters: new Map() })
    at = scheme.lastIndex
  }
}

function next(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}
