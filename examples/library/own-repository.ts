// Plain files on a server that takes each path once: a kind of repository of one's own.
import { type Coordinates, defineRepository, NotThere } from '@stagegate/uploader'

function pathOf(root: string, at: Coordinates): string {
  if (at.format === 'file') return root + at.path.split('/').map(encodeURIComponent).join('/')
  throw new Error(`expected a plain file, and not a ${at.format}`)
}
const wrong = (status: number) => new Error(`the server answered ${status}`)

export const shelf = defineRepository<string>({
  type: 'shelf',
  formats: ['file'],
  parse: ({ path }) => String(path),
  open({ settings: root, origin, credentials: [variable] }, environment) {
    const client = environment.http(origin, variable === undefined ? undefined : { scheme: 'bearer', token: { variable } })
    return {
      host: origin,
      async observe(at, call) {
        const { status } = await client.send({ method: 'HEAD', path: pathOf(root, at) }, call)
        if (status === 200) return { saw: 'present', sha256: undefined, size: undefined, location: pathOf(root, at) }
        if (status === 404) return { saw: 'absent' }
        throw wrong(status)
      },
      async read(location, call) {
        const { status, stream } = await client.download(location, call)
        if (status === 200) return stream
        stream.destroy()
        throw status === 404 ? new NotThere(`${location} is gone`) : wrong(status)
      },
      async create({ coordinates: at }, body, call) {
        const { status } = await client.send({ method: 'PUT', path: pathOf(root, at), headers: { 'if-none-match': '*' }, body }, call)
        if (status === 201 || status === 412) return { outcome: status === 201 ? 'accepted' : 'exists' }
        throw wrong(status)
      },
    }
  },
})
