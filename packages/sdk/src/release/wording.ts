import type { IssueFacts } from '../issue/facts.js'
import type { Wordings } from '../issue/wording.js'
import { placeOf } from '../issue/words.js'

const affixes =
  'A prefix has letters, digits and ._- and does not end with a digit or a dot; a suffix begins with a letter, - or _. Each has at most 40 characters.'
const tagHelp = {
  moving: `A moving tag is latest, major, minor, or a word of your own such as rc; the tag of a version never moves. ${affixes}`,
  version: affixes,
  second: 'An image has exactly one tag that never moves. Make a second target with the same name for the other tag, or remove it.',
} as const

const misread: Readonly<Record<VerifyFacts['is'], (by: VerifyFacts['by'], kind: string | undefined) => string>> = {
  format: () => 'which cannot read its artifacts',
  repositories: (by, kind) =>
    `but in the kind ${kind} none of its public repositories is ${by === 'apt' ? 'an apt repository' : 'a yum repository'}`,
  keys: (by, kind) => `but in the kind ${kind} readers must sign their requests with keys, and ${by} cannot`,
  image: () => 'but its verify job has no image with dnf',
}
const misreadHelp: Readonly<Record<VerifyFacts['is'], string>> = {
  format: 'Use http, apt or dnf for packages, http for plain files, and oci for images. Leave verify out to get the default.',
  repositories: 'apt can read an aptRepository(…), and dnf a yumRepository(…). Publish to one, or leave verify out.',
  keys: 'Make the packages readable for everybody, or leave verify out.',
  image: "Set an image that has dnf and Node: verify: { by: 'dnf', image: 'registry.access.redhat.com/ubi9/nodejs-22@sha256:…' }.",
}

const artifactsOf: Readonly<Record<string, string>> = { file: 'has plain files', image: 'is a container image' }

type VerifyFacts = IssueFacts & { readonly code: 'target/verify' }
type ModuleFacts = IssueFacts & { readonly code: 'routes/module' }

const moduleWords: Readonly<Record<ModuleFacts['is'], (facts: ModuleFacts) => string>> = {
  absent: () => ', which is not built in, and no module provides it',
  'built-in': ({ module }) => `, which is built in, so the module ${module} cannot provide it`,
  path: ({ module }) => `, but its module ${JSON.stringify(module)} is not the path of a .mjs or .js file in the project`,
  'not-read': ({ module }) => `, but its module ${module} was not read: synth() was called without readLocal`,
  missing: ({ module }) => `, but its module ${module} is not in the project`,
  imports: ({ module, imports }) => `, but its module ${module} imports ${imports}, which is not available when a job loads the module`,
}

export const releaseWording: Wordings<`routes/${string}` | `target/${string}`> = {
  'routes/twice': {
    meaning: 'Two routes of a release are for the same kind.',
    sentence: ({ kind }) => `two routes are for the kind ${kind}`,
    help: 'A release has one route for each kind. Merge the two.',
  },
  'routes/foreign': {
    meaning: 'A route refers to a construct of another app.',
    sentence: ({ kind, name }) => `a route of the kind ${kind} refers to ${name}, which belongs to another app`,
    help: 'Create the kinds and repositories of a route in the same app.',
  },
  'routes/destination-twice': {
    meaning: 'A target is published to the same place twice.',
    sentence: ({ kind, repository, distribution }) =>
      `in the kind ${kind} the target is published to ${repository} twice${distribution === undefined ? '' : `, for ${distribution}`}`,
    help: 'Name each repository once, and do not repeat the target’s own distribution in also.',
  },
  'routes/collision': {
    meaning: 'Two targets publish the same file, or the same image tag, to one repository.',
    sentence: ({ kind, target, first, made, what, repository }) =>
      `in the kind ${kind}, ${target} and ${first}${placeOf(made)} both have ${what} in ${repository}`,
    help: ({ what }) =>
      what.startsWith('the tag ')
        ? 'Give one of them another name, or tags with a prefix or a suffix: { version: { suffix: "-fips" } }.'
        : 'The seal job would refuse the second one. Give one of them another distribution, repository or build.',
    action: 'Give one of them another name, distribution, repository, prefix or suffix.',
  },
  'routes/repository-name': {
    meaning: "A repository's name cannot be part of an environment's name.",
    sentence: ({ repository }) => `${repository} cannot be the name of a repository`,
    help: 'Use letters, digits, spaces and - _ / . without / at either end.',
  },
  'routes/public-without-staging': {
    meaning: 'A route publishes without staging.',
    sentence: ({ kind }) => `the route of ${kind} publishes without staging`,
    help: 'Only staged artifacts can be published. Add staging to the route.',
  },
  'routes/relative-path': {
    meaning: "A directory repository is inside the project's folder, which the runner empties before each job.",
    severity: 'warning',
    sentence: ({ repository, directory, kind }) =>
      `the kind ${kind} publishes, but ${repository} is the directory ${directory} in the project’s folder, which the runner empties before each job`,
    help: 'Use an absolute path that all runners share. If this pipeline is only a rehearsal, accept this: app.accept("routes/relative-path", because).',
  },
  'routes/empty': {
    meaning: 'A release has no target.',
    sentence: ({ release }) => `the release ${release} has no target`,
    help: 'Add a PackageTarget, a FileTarget or a ContainerImage, or remove the release.',
  },
  'routes/own-project': {
    meaning: "A repository is the registry of the app's own project, but the address of that registry is not known.",
    sentence: ({ repository, type, gitlab, project }) =>
      project === undefined
        ? `${repository} is the ${type === 'registry' ? 'registry' : 'package registry'} of this project, but the app does not name the project`
        : `${repository} is the registry of the project ${project} on ${gitlab}, but Stagegate knows the registry’s address only for gitlab.com`,
    help: ({ type, project }) =>
      project === undefined
        ? `Name the project: new App({ project: { path: 'group/project' } }), or ${type === 'registry' ? "the registry: gitlabRegistry('registry.gitlab.com/group/project')" : "here: gitlabPackages('group/project')"}.`
        : `Name the registry: gitlabRegistry('registry.example/${project}', { gitlab: 'https://gitlab.example' }).`,
    action:
      "Name the project, or the registry’s address, which is the value of CI_REGISTRY_IMAGE: gitlabRegistry('registry.example/group/project').",
  },
  'routes/page-as-staging': {
    meaning: 'A page of releases is used as a staging repository.',
    sentence: ({ repository }) => `${repository} is a staging repository, but its address is a page of releases, which is public`,
    help: 'Stage in generic packages: gitlabPackages().',
  },
  'routes/notes': {
    meaning: 'The file with the notes of a release is not in the project.',
    sentence: ({ repository, file }) => `the notes of ${repository} come from ${file}, but the project has no such file`,
    help: 'Create the file, with a section for each version; or leave notes out to use the message of the tag.',
  },
  'routes/page-without-tag': {
    meaning: 'A release goes to a page of releases in a kind that has pipelines without a tag, but each entry there belongs to a tag.',
    sentence: ({ repository, kind }) =>
      `pipelines of the kind ${kind} can run without a tag, but each entry on the page of releases of ${repository} belongs to a tag`,
    help: 'Publish there only in kinds for tags: Condition.tag(…). In other kinds, publish to gitlabPackages(…).',
  },
  'routes/page-twice': {
    meaning: 'A tag would get two entries on one page of releases, but it can have only one.',
    sentence: ({ repository, kind, entries }) =>
      `in the kind ${kind} ${entries.join(' and ')} each create an entry on the page of releases of ${repository}, but a tag can have only one`,
    help: 'Give each release its own tags, or merge both into one release with one public repository for the page.',
  },
  'routes/format': {
    meaning: 'A repository does not accept the packages, files or image of a target.',
    sentence: ({ target, repository, format }) =>
      `${target} ${artifactsOf[format] ?? `has packages of the format ${format}`}, which ${repository} does not accept`,
    help: 'Use a repository for this format: a directory or a page of releases for packages and plain files, a registry or an OCI layout for images. A page of releases lists the images of a release automatically.',
  },
  'routes/module': {
    meaning: 'The type of a repository is not known, or its module cannot be used.',
    sentence: (facts) => `the repository ${facts.repository} is of the type ${facts.type}${moduleWords[facts.is](facts)}`,
    help: 'Give its address a module, such as ./s3.mjs: one file in the project that exports a RepositoryModule as its default and imports only node: modules. synth() reads it through readLocal, which the command passes.',
  },
  'target/distribution': {
    meaning: "A target's distribution does not have the form ubuntu/jammy.",
    sentence: ({ target, distribution }) =>
      `the target ${target} has the distribution ${distribution}, which does not have the form ubuntu/jammy`,
    help: 'Distributions look like ubuntu/jammy or el/9. Use one as the id of the target, or set its distribution.',
  },
  'target/architecture': {
    meaning: "A target's architecture is not one that package managers use.",
    sentence: ({ target, architecture }) => `the target ${target} has the architecture ${architecture}, which no package manager uses`,
    help: 'Write an architecture as amd64, x86_64 or all.',
  },
  'target/image-depth': {
    meaning: "An image's name is too deep for the registry of the project: GitLab accepts at most two names below the project's path.",
    sentence: ({ target, repository, image, project }) =>
      `the target ${target} has the image ${image} in ${repository}, which is more than two names below the project ${project}`,
    help: 'GitLab issues no token for such a name. Shorten the name of the image, or the part before it in the address.',
  },
  'target/image-name': {
    meaning: "An image's name is not a valid repository name in a registry.",
    sentence: ({ target, name }) => `the target ${target} has the image name ${JSON.stringify(name)}, which is not valid in a registry`,
    help: 'An image name has parts of lower-case letters and digits with . _ - between them, separated by /. Set the target’s name.',
  },
  'target/verify': {
    meaning: 'The client that verifies a target cannot read it.',
    sentence: ({ target, by, is, kind }) => `the target ${target} is verified by ${by}, ${misread[is](by, kind)}`,
    help: ({ is }) => misreadHelp[is],
    action: 'Choose another client, another repository, or an image that has the client.',
  },
  'target/platform': {
    meaning: 'A platform does not have the form linux/amd64.',
    sentence: ({ target, platform }) =>
      `the target ${target} has the platform ${JSON.stringify(platform)}, which does not have the form linux/amd64`,
    help: 'Write platforms as linux/amd64 or linux/arm64/v8.',
  },
  'target/tag': {
    meaning: 'An image tag is invalid, could be a version, or is a second tag for the version.',
    sentence: ({ target, tag, is }) =>
      is === 'second'
        ? `the target ${target} has a second tag for its version, ${JSON.stringify(tag)}`
        : `the target ${target} has the ${is === 'moving' ? 'moving tag' : 'tag'} ${JSON.stringify(tag)}`,
    help: ({ is }) => tagHelp[is],
    action: 'Correct the tag, its prefix or its suffix; give the version only one tag.',
  },
  'target/packages': {
    meaning: 'A target does not name the packages that its build leaves.',
    sentence: ({ target }) => `the target ${target} does not name the packages that its build leaves`,
    help: 'Set packages to a glob, such as dist/*.deb.',
  },
  'target/files': {
    meaning: 'A target does not name the files that its build leaves.',
    sentence: ({ target }) => `the target ${target} does not name the files in the project that its build leaves`,
    help: 'Set files to a glob relative to the project’s folder, such as out/*, without .. in it.',
  },
  'target/path': {
    meaning: 'The folder under which a target’s files are published is not valid in an address.',
    sentence: ({ target, folder }) => `the target ${target} has the path ${JSON.stringify(folder)}, which is not valid in an address`,
    help: 'Set path to a folder such as acme/{version}: parts of letters, digits and ._+~^@=- that begin with a letter or a digit, and no slash at the start.',
  },
}
