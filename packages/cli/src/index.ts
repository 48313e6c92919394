import { type AppProps, App as SdkApp } from '@stagegate/sdk'

/** The sha256 of the command next to this file; the build inserts it. */
declare const STAGEGATE_COMMAND_SHA256: string | undefined
const commandSha256 = typeof STAGEGATE_COMMAND_SHA256 === 'string' ? STAGEGATE_COMMAND_SHA256 : undefined

export * from '@stagegate/sdk'

/** The root of the tree: one pipeline. Its jobs check that they run this package's command. */
export class App extends SdkApp {
  constructor(props: AppProps = {}) {
    super({ ...props, cli: { ...props.cli, sha256: props.cli?.sha256 ?? commandSha256 } })
  }
}
