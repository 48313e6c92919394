/**
 * The address that a text gives, or nothing where it gives none. `URL.canParse` says yes to some that cannot be parsed, as a host
 * name that is longer than the parser's memory.
 */
export function parseUrl(text: string, base?: URL): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}
