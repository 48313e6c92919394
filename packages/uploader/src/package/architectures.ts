// One line per machine, Debian's name first (dpkg's cputable) and then rpm's (rpmrc).
const machines: readonly (readonly string[])[] = [
  ['amd64', 'x86_64'],
  ['arm64', 'aarch64'],
  ['armhf', 'armv7hl', 'armv7hnl'],
  ['armel', 'armv5tel'],
  ['i386', 'i486', 'i586', 'i686'],
  ['loong64', 'loongarch64'],
  ['ppc64el', 'ppc64le'],
  ['riscv64'],
  ['s390x'],
]
/** Architectures of packages that run on any machine. */
const others: readonly (readonly string[])[] = [
  ['all', 'noarch'],
  ['source', 'src', 'nosrc'],
]

/** Whether two names mean the same machine: Debian's and rpm's names differ for most. */
export function sameMachine(one: string, other: string): boolean {
  return one === other || [...machines, ...others].some((names) => names.includes(one) && names.includes(other))
}

/** The machine that a file name ends with, before its extension: `arm64` of `acme-1.2.3-linux-arm64`. */
export function machineAtEnd(stem: string): string | undefined {
  return machines.flat().find((name) => stem.endsWith(name) && /[-_.]/.test(stem.at(-name.length - 1) ?? ''))
}
