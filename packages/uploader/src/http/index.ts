export type {
  AwsAccount,
  AwsIssued,
  BackOffClock,
  Credential,
  DownloadOptions,
  GoogleAccount,
  HttpAnswer,
  HttpClient,
  HttpDownload,
  HttpRequest,
  IssuedKeys,
  Secret,
  SecretFunction,
  SecretName,
  SecretValue,
} from './client.js'
export type { HttpClientOptions } from './client-options.js'
export { createHttpClient } from './create-client.js'
export type { HttpLimits } from './exchange.js'
export { HttpError, type HttpErrorCode } from './http-error.js'
export type { Multipart } from './multipart.js'
export type { ProxyFor } from './proxy.js'
export type { Secrets } from './secret.js'
