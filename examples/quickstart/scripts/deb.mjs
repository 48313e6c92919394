// Debian packages in plain Node, so that the example needs no tools: an ar archive with two tar archives in it, deb(5).
import { gunzipSync, gzipSync } from 'node:zlib'

/** @param {{ control: Record<string, string>, files: Record<string, { text: string, mode: number }> }} parts */
export function writeDeb({ control, files }) {
  const stanza = Object.entries(control)
    .map(([field, value]) => `${field}: ${value}\n`)
    .join('')
  return Buffer.concat([
    Buffer.from('!<arch>\n'),
    arMember('debian-binary', Buffer.from('2.0\n')),
    arMember('control.tar.gz', gzipSync(tar({ './control': { text: stanza, mode: 0o644 } }))),
    arMember('data.tar.gz', gzipSync(tar(files))),
  ])
}

/** The files of a package that `writeDeb` wrote. @param {Buffer} deb */
export function readDeb(deb) {
  /** @type {Record<string, { text: string, mode: number }>} */
  const files = {}
  const data = gunzipSync(arMembers(deb)['data.tar.gz'])
  for (let at = 0; data[at] !== 0; ) {
    const field = (from, length) => data.toString('utf8', at + from, at + from + length).replace(/\0.*$/s, '')
    const size = Number.parseInt(field(124, 12), 8)
    if (field(156, 1) === '0')
      files[field(0, 100)] = { text: data.toString('utf8', at + 512, at + 512 + size), mode: Number.parseInt(field(100, 8), 8) }
    at += 512 + Math.ceil(size / 512) * 512
  }
  return files
}

function arMember(name, content) {
  const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(content.length).padEnd(10)}\`\n`
  return Buffer.concat([Buffer.from(header), content, Buffer.alloc(content.length % 2, '\n')])
}

function arMembers(archive) {
  const members = {}
  for (let at = 8; at < archive.length; ) {
    const size = Number(archive.toString('latin1', at + 48, at + 58))
    members[archive.toString('latin1', at, at + 16).trim()] = archive.subarray(at + 60, at + 60 + size)
    at += 60 + size + (size % 2)
  }
  return members
}

/** A tar archive with these files, and the folders that they lie in. @param {Record<string, { text: string, mode: number }>} files */
export function tar(files) {
  const folders = new Set(
    Object.keys(files).flatMap((path) =>
      path
        .split('/')
        .slice(0, -1)
        .map((_, index, parts) => `${parts.slice(0, index + 1).join('/')}/`),
    ),
  )
  const entries = [...folders].map((folder) => tarHeader(folder, 0o755, 0, '5'))
  for (const [path, { text, mode }] of Object.entries(files)) {
    const content = Buffer.from(text)
    entries.push(tarHeader(path, mode, content.length, '0'), content, Buffer.alloc((512 - (content.length % 512)) % 512))
  }
  return Buffer.concat([...entries, Buffer.alloc(1024)])
}

function tarHeader(name, mode, size, type) {
  const header = Buffer.alloc(512)
  const octal = (value, length) => `${value.toString(8).padStart(length - 1, '0')}\0`
  header.write(name, 0)
  header.write(octal(mode, 8) + octal(0, 8) + octal(0, 8) + octal(size, 12) + octal(0, 12), 100)
  header.write(`        ${type}`, 148)
  header.write('ustar\x0000root', 257)
  header.write('root', 297)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}
