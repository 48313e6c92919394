import type { AgentOptions, ClientRequest, IncomingHttpHeaders } from 'node:http'
import { HttpsProxyAgent } from 'https-proxy-agent'

/** The proxy said no, or could not be reached: nothing went to the server. */
export class ProxyFailure extends Error {
  /** Host and port. */
  readonly proxy: string
  /** The status that the proxy answered with. */
  readonly status: number | undefined

  constructor(proxy: string, parts: { readonly status?: number | undefined; readonly cause?: unknown }) {
    super(parts.status === undefined ? 'the proxy cannot be reached' : `the proxy answered ${parts.status}`, { cause: parts.cause })
    this.proxy = proxy
    this.status = parts.status
  }
}

type Connecting = Parameters<HttpsProxyAgent<string>['connect']>[1]

/**
 * Connections through a proxy, which is told host and port by CONNECT (RFC 9110, section 9.3.6) and nothing else.
 *
 * The agent below answers the request with the proxy's refusal, as if the server had said it, and leaves its socket open when the
 * request is given up meanwhile. So each tunnel is dug by an agent of its own, and this one keeps what was dug.
 */
export class Tunnels extends HttpsProxyAgent<string> {
  readonly #proxy: URL

  constructor(proxy: URL, options: AgentOptions) {
    super(proxy.href, options)
    this.#proxy = proxy
  }

  override async connect(request: ClientRequest, options: Connecting): ReturnType<HttpsProxyAgent<string>['connect']> {
    const given = new AbortController()
    const release = onDestroyed(request, () => given.abort())
    const agent = new HttpsProxyAgent(this.#proxy.href, { signal: given.signal, keepAlive: this.keepAlive })
    let status: number | undefined
    const onAnswer = (answer: { statusCode: number; headers: IncomingHttpHeaders }) => {
      status = answer.statusCode
    }
    request.once('proxyConnect', onAnswer)
    try {
      const socket = await agent.connect(request, options)
      if (status === 200) return socket
      socket.destroy()
    } catch (cause) {
      throw new ProxyFailure(this.#proxy.host, { status, cause })
    } finally {
      release()
      request.off('proxyConnect', onAnswer)
    }
    throw new ProxyFailure(this.#proxy.host, { status })
  }
}

/** Calls back when the request is given up. One that has no socket yet emits nothing then: node waits for the agent first. */
function onDestroyed(request: ClientRequest, callback: () => void): () => void {
  const { destroy } = request
  if (request.destroyed) callback()
  request.destroy = (error) => {
    callback()
    return destroy.call(request, error)
  }
  return () => {
    request.destroy = destroy
  }
}
