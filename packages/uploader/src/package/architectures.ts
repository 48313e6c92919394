// One line per machine, Debian's name first (dpkg's cputable) and then rpm's (rpmrc).
const machines: readonly (readonly string[])[] = [
  ['all', 'noarch'],
  ['amd64', 'x86_64'],
  ['arm64', 'aarch64'],
  ['armhf', 'armv7hl', 'armv7hnl'],
  ['armel', 'armv5tel'],
  ['i386', 'i486', 'i586', 'i686'],
  ['loong64', 'loongarch64'],
  ['ppc64el', 'ppc64le'],
  ['source', 'src', 'nosrc'],
]

/** Whether two names mean the same machine: Debian's and rpm's names differ for most. */
export function sameMachine(one: string, other: string): boolean {
  return one === other || machines.some((names) => names.includes(one) && names.includes(other))
}
