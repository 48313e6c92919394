import type { Readable } from 'node:stream'
import type { Instant } from '@stagegate/schema'
import type { Body, Call } from '../contract/capabilities.js'
import type { Multipart } from './multipart.js'

/**
 * How a request authenticates. A secret is named by its variable, given as `{ value }`, or fetched by a function of the program; only the
 * client sees it, and no message shows it.
 *
 * @example
 * environment.http('https://packages.example', { scheme: 'bearer', token: { variable: 'PACKAGES_TOKEN' } })
 */
export type Credential =
  | { readonly scheme: 'basic'; readonly username: Secret | string; readonly password: Secret | string }
  | { readonly scheme: 'bearer'; readonly token: Secret }
  /**
   * As container registries want it: nothing, the account, or a token that is fetched for the scopes of each request.
   * `config` holds a Docker config.json; `realms` are origins beside the registry's own that may be asked for tokens.
   */
  | {
      readonly scheme: 'registry'
      readonly account?: { readonly username: Secret | string; readonly password: Secret } | { readonly config: Secret } | undefined
      readonly realms?: readonly string[] | undefined
    }
  | { readonly scheme: 'header'; readonly header: string; readonly value: Secret }
  /** A field of every form that is sent; what is sent are forms (`application/x-www-form-urlencoded`) alone. */
  | { readonly scheme: 'form'; readonly field: string; readonly value: Secret }
  /** As S3 and its like want it: each request is signed, and the secret itself is not sent. Redirects are answers then, also for a download. */
  | ((AwsAccount | AwsIssued) & {
      readonly scheme: 'aws'
      readonly region: string
      readonly service: 's3' | 'sts'
    })
  /** As Google's storage wants it: each request is signed in the same way with the HMAC key of a service account. */
  | (GoogleAccount & { readonly scheme: 'google' })

/** The HMAC key of a service account of Google's storage. */
export interface GoogleAccount {
  /** The access ID: `GOOG1E…`. */
  readonly accessId: Secret
  /** The secret. It signs requests, and is never sent. */
  readonly secret: Secret
}

/** The keys of an account. */
export interface AwsAccount {
  /** The access key. */
  readonly accessKeyId: Secret
  /** The secret key. */
  readonly secretAccessKey: Secret
  /** Temporary keys come with it. @default they are not temporary */
  readonly sessionToken?: Secret | undefined
}

/** Keys that a server issues for a while. */
export interface AwsIssued {
  /** Gives keys that are good now. It is called before each request, so it keeps what is costly. */
  readonly issued: (call: Call) => Promise<IssuedKeys>
}

/** Temporary keys. */
export interface IssuedKeys {
  /** The access key. */
  readonly accessKeyId: string
  /** The secret key. */
  readonly secretAccessKey: string
  /** Without it the keys are not valid. */
  readonly sessionToken: string
}

/** A secret: the name of its variable, its value, or a function that fetches it. */
export type Secret = SecretName | SecretValue | SecretFunction

/** A secret that a variable holds. */
export interface SecretName {
  /** The variable that holds it: `PACKAGES_TOKEN`. */
  readonly variable: string
}

/** A secret that a program has from elsewhere. */
export interface SecretValue {
  /** The secret itself. */
  readonly value: string
}

/** Fetches a secret that lives shortly. It is called before each request, so keep what is costly; an error that it throws fails the request. */
export type SecretFunction = () => string | Promise<string>

/** A request that is answered with a text. */
export interface HttpRequest {
  /** The method. No client of this package deletes anything. */
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'MKCOL' | 'MOVE'
  /** Path and query on the client's own origin, beginning with a slash. */
  readonly path: string
  /** Further headers. The credential is added by the client. @default none */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** A text, the bytes of an artifact, or a form with a file. @default none */
  readonly body?: Body | Multipart | string | undefined
  /** The scope that a registry's token needs: `repository:acme/hello:pull,push`. */
  readonly scopes?: readonly string[] | undefined
}

/** `HEAD` asks for the headers of a download alone. */
export interface DownloadOptions extends Pick<HttpRequest, 'headers' | 'scopes'> {
  /** `HEAD` asks for the headers alone. @default GET */
  readonly method?: 'GET' | 'HEAD' | undefined
}

/** A whole answer. */
export interface HttpAnswer {
  /** The status, as the server sent it: 404 is an answer, and no error. */
  readonly status: number
  /** Lower-case names; several values of one name are joined by a comma and a space. */
  readonly headers: Readonly<Record<string, string>>
  /** The body, at most 4 MiB of it: a longer one is an error. */
  readonly text: string
}

/** An answer whose body is read as it comes. */
export interface HttpDownload {
  /** The status, as the server sent it: 404 is an answer, and no error. */
  readonly status: number
  /** Who answered: after redirects perhaps not the client's own origin. */
  readonly origin: string
  /** Lower-case names; several values of one name are joined by a comma and a space. */
  readonly headers: Readonly<Record<string, string>>
  /** The body. Read it to its end, or destroy it. */
  readonly stream: Readable
}

/** The wait that a server asked all its clients for. */
export interface BackOffClock {
  /** Until when it asked to be left alone, if that is not over yet. */
  closed(): Instant | undefined
  /** Notes that it asked to be left alone until then. */
  closeUntil(at: Instant): void
}

/**
 * Bound to one origin. Adds the credential there and only there. Retries nothing. Rejects with `HttpError`, with the body's own
 * error, or with `PutOff`, nothing having been sent, while the server asks to be left alone (by `Retry-After`).
 */
export interface HttpClient {
  /** Scheme, host and port that it talks to. */
  readonly origin: string
  /** One request, one answer, whatever its status; redirects are answers. Throws when no complete answer came. */
  send(request: HttpRequest, call: Call): Promise<HttpAnswer>
  /**
   * A GET whose body is streamed, or its HEAD. Up to five redirects are followed by hand, the credential staying behind when the
   * origin changes, and never from https to http. The body errors when it ends before its Content-Length.
   */
  download(path: string, call: Call, more?: DownloadOptions): Promise<HttpDownload>
  /** Makes a text that a server sent fit for a message: one line, bounded, without control characters and without the credential. */
  quote(text: string): string
}
