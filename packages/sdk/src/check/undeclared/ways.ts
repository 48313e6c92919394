/** A well-known way in which a line of a script makes something public. */
export interface Way {
  /** As a clause: `it pushes an image`. */
  readonly way: string
  readonly pattern: RegExp
  /** Commands that look alike and publish nothing. */
  readonly except?: RegExp
  /** The condition under which the way ends in public. */
  readonly premise: string
  /** Common for other ends too: good for a guess, and no reason for a warning. */
  readonly onlyGuess?: true
}

const image = { way: 'it pushes an image', premise: 'the registry that it pushes to is public' }
const packaged = { way: 'it publishes a package', premise: 'the repository that it uploads to is public' }
const bucket = { way: 'it copies files to a bucket', premise: 'the bucket is public' }
const index = { way: 'it changes a package repository', premise: 'the repository is public' }
const rehearsed = /\s--dry-?run(?:[= ]true)?(?=\s|$)/

/** Commands with which packages and images are usually made public, and calls of GitLab's API that do. */
export const commandWays: readonly Way[] = [
  {
    ...image,
    pattern:
      /\b(?:docker|docker-compose|podman|nerdctl|buildah|img|oras|regctl image|crane|helm|singularity|apptainer|flux|ko)\s+(?:\S+\s+)*?(?:cm-)?push\b/,
    except: rehearsed,
  },
  {
    ...image,
    pattern:
      /\b(?:buildx\s+build|buildx\s+bake|nerdctl\s+build|podman\s+build|docker\s+build)\b.*\s--push\b|\bskopeo\s+(?:copy|sync)\b|\b(?:crane|regctl\s+image)\s+copy\b|\bbuildx\s+imagetools\s+create\b/,
    except: /\s(?:dir|oci|oci-archive|docker-archive|docker-daemon|containers-storage):[^\s]+\s*$|\s--push=false\b/,
  },
  {
    ...image,
    pattern:
      /\/kaniko\/executor\b.*--destination|\bexecutor\b.*--destination|\b(?:buildctl|buildx)\b.*(?:push=true|type=registry)|\bko\s+(?:build|publish|apply)\b|\bjib:build\b/,
    except: /\s--(?:no-push|tar-?path)\b/,
  },
  {
    ...packaged,
    pattern:
      /\b(?:npm|pnpm|bun|yarn|yarn\s+npm|lerna|changeset|deno|jsr|cargo|poetry|uv|hatch|flit|pdm|gradle|\.\/gradlew|dart\s+pub|flutter\s+pub|vsce|ovsx)\s+(?:\S+\s+)*?publish\b/,
    except: rehearsed,
  },
  {
    ...packaged,
    pattern:
      /\btwine\s+upload\b|\bgem\s+push\b|\b(?:dotnet\s+)?nuget\s+push\b|\bchoco\s+push\b|\bconan\s+upload\b|\b(?:package_cloud|cloudsmith)\s+(?:push|promote)\b|\bpod\s+trunk\s+push\b/,
  },
  {
    ...packaged,
    pattern:
      /\b(?:mvn|mvnw|\.\/mvnw)\s+(?:\S+\s+)*?deploy\b|\bsbt\s+\S*publish|\bgoreleaser\s+(?:release|--clean|--rm-dist)\b|\bsemantic-release\b|\bmix\s+hex\.publish\b/,
    except:
      /\s(?:--snapshot|--skip[= ]\S*publish|--skip-publish|--dry-run)\b|\bpublishLocal\b|\b(?:install|add|i)\s+\S*\s*.*\bsemantic-release\b/,
  },
  { ...packaged, pattern: /\bgradlew?\s+(?:\S+\s+)*?:?(?:[\w-]+:)*publish(?!\S*ToMavenLocal)[A-Z]\w*/ },
  {
    ...packaged,
    pattern:
      /\bsetup\.py\s+(?:\S+\s+)*?upload\b|\bluarocks\s+upload\b|\bsnapcraft\s+(?:upload|push|release)\b|\bdput\s+\S|\b(?:jf|jfrog)\s+rt\s+(?:u|upload)\b|\brake\s+release(?![\w:-])/,
  },
  {
    ...index,
    pattern: /\baptly\s+(?:\S+\s+)*?publish\s+(?:repo|snapshot|update|switch)\b|\breprepro\s+(?:\S+\s+)*?include(?:deb|dsc|udeb)?\b/,
  },
  { ...index, pattern: /\b(?:deb-s3|rpm-s3)\s+upload\b/ },
  {
    ...bucket,
    pattern:
      /\bs3\s+(?:cp|mv|sync)\s+(?!["']?s3:)\S.*\s["']?s3:\/\/|\bs3\s+(?:cp|mv|sync)\s+["']?s3:\/\/\S+\s+["']?s3:\/\/|\bs3api\s+put-object\b|\bs3cmd\s+(?:\S+\s+)*?(?:put|sync)\b.*\bs3:\/\//,
    except: /\s--dryrun\b/,
  },
  { ...bucket, pattern: /\b(?:gsutil|gcloud\s+storage)\s+(?:\S+\s+)*?(?:cp|mv|rsync)\s+(?!["']?gs:)\S.*\s["']?gs:\/\// },
  { ...bucket, pattern: /\baz\s+storage\s+blob\s+upload(?:-batch)?\b/ },
  {
    way: 'it makes a release with files',
    pattern: /\b(?:gh|glab)\s+release\s+(?:create|upload)\b|\brelease-cli\b.*--assets-link/,
    premise: 'the project that the release belongs to is public',
  },
  {
    way: 'it uploads to a package registry of GitLab',
    pattern: /\/packages\/(?:generic|maven|npm|pypi|nuget|conan|composer|helm|rubygems|terraform|ml_models)\b/,
    except: readersOfRegistries(),
    premise: 'the project’s package registry is public',
  },
  {
    way: 'it starts a job or a pipeline by the API',
    pattern: /\/jobs\/[^\s/]+\/play\b|\/trigger\/pipeline\b|\/ref\/[^\s/]+\/trigger\/pipeline\b/,
    premise: 'that job or pipeline publishes',
  },
  {
    way: 'it uploads a file',
    pattern: /\bcurl\b.*\s(?:-T|--upload-file)[\s=]\S/,
    premise: 'the server that it uploads to is public',
    onlyGuess: true,
  },
]

/** Commands that name a package registry to download from it. */
function readersOfRegistries(): RegExp {
  const installs =
    /\b(?:pip3?|uv|poetry|npm|pnpm|yarn)\s+(?:\S+\s+)*?(?:install|add|sync|lock|ci|config|source|download)\b|--(?:extra-)?index-url\b/
  const downloads =
    /^(?!.*\s(?:-T|-F|-X|-d|--upload-file|--form|--request|--data\S*)[\s=]).*\b(?:curl\b.*\s(?:-\w*[oO]|--output|--remote-name)\b|wget\s)/
  return new RegExp(`${installs.source}|${downloads.source}`)
}
