import type { JsonValue } from '@stagegate/schema'
import { text, textLike } from '../form/keyword.js'
import { authorKeys, byKey, fields, json, textOr } from '../form/keyword-forms.js'

/** Where a step comes from: a path or an address, a Git repository, or an OCI image. */
export type StepSource =
  | string
  | { readonly git: { readonly url: string; readonly rev: string; readonly dir?: string | undefined; readonly file?: string | undefined } }
  | {
      readonly oci: {
        readonly registry: string
        readonly repository: string
        readonly tag: string
        readonly dir?: string | undefined
        readonly file?: string | undefined
      }
    }

interface StepCommon {
  /** Letters, digits and _. */
  readonly name: string
  readonly env?: Readonly<Record<string, string>> | undefined
}

/** @see https://docs.gitlab.com/ci/steps/ */
export type StepProps = StepCommon &
  (
    | { readonly script: string }
    | { readonly step: StepSource; readonly inputs?: Readonly<Record<string, JsonValue>> | undefined }
    | { readonly func: StepSource; readonly inputs?: Readonly<Record<string, JsonValue>> | undefined }
  )

type Git = Extract<StepSource, { git: unknown }>
type Oci = Extract<StepSource, { oci: unknown }>
const source = textOr<Git | Oci>(
  byKey({
    git: fields<Git>({ git: fields<Git['git']>({ url: text, dir: text, rev: text, file: text }, 'url', 'rev') }),
    oci: fields<Oci>({
      oci: fields<Oci['oci']>({ registry: text, repository: text, tag: text, dir: text, file: text }, 'registry', 'repository', 'tag'),
    }),
  }),
)
const common = { name: textLike(/^[a-zA-Z_]\w*$/, 'a name of letters, digits and _'), env: authorKeys(text) }
const inputs = authorKeys(json)

type Script = Extract<StepProps, { script: unknown }>
type Step = Extract<StepProps, { step: unknown }>
type Func = Extract<StepProps, { func: unknown }>
export const step = byKey<StepProps>({
  script: fields<Script>({ ...common, script: text }, 'name', 'script'),
  step: fields<Step>({ ...common, step: source, inputs }, 'name', 'step'),
  func: fields<Func>({ ...common, func: source, inputs }, 'name', 'func'),
})
