/** The meaning of an error code, and the action to take. The error's own message has the details. */
export interface ErrorCode {
  /** One sentence. */
  readonly meaning: string
  /** One sentence: what to do. */
  readonly action: string
}

const rerun = 'Run the job again; it sends only what is missing.'
const correct = 'Correct the value that the message names.'
const report = 'Check the server; if it works correctly, report this as a bug.'
const person = 'A person must investigate before the release continues.'
const rebuild = 'Build the package again, or take it out of the target.'
const restage = 'Run the stage and seal jobs again.'

/**
 * Every code of an error or of a problem in a receipt. Codes are stable. A repository of your own may use codes of its own.
 *
 * @example
 * errorCodes['content/conflict'].action
 */
export const errorCodes: Readonly<Record<string, ErrorCode>> = {
  'announce/incomplete': {
    meaning: 'Part of the release is not public yet, or Stagegate cannot tell. Nothing was announced.',
    action: 'Run the publish job of the missing part, then this job again.',
  },
  'author/exception': { meaning: 'pipeline.ts threw an error.', action: 'Correct the line that the message names.' },
  'call/timeout': { meaning: 'A repository did not answer in time.', action: rerun },
  'content/conflict': {
    meaning: 'A different file is public under this name. Nothing was sent.',
    action: 'Find out which file is right; publish the other one under a new version.',
  },
  'client/not-listed': {
    meaning: 'A package manager does not find a package that Stagegate’s own reader finds.',
    action: 'Check whether there is a cache in front of the repository; then run the verify job again.',
  },
  'client/other-bytes': {
    meaning: 'A package manager and Stagegate’s own reader got different bytes.',
    action: 'Find out what is between the repository and its users: a cache, or a second server.',
  },
  'client/refused': {
    meaning: 'A package manager rejects an index or a package that Stagegate’s own reader accepts.',
    action: 'Follow the package manager’s own message, which this message quotes.',
  },
  'content/gone': {
    meaning: 'A receipt says that the file was public, but the file is gone.',
    action: 'Find out who removed it, then publish again.',
  },
  'content/image-refused': {
    meaning: 'An image, or something attached to it, must not or cannot be copied.',
    action: 'Follow the message: it names the manifest and the remedy.',
  },
  'content/left-behind': { meaning: 'A destination accepted no bytes for so long that the others went on without it.', action: rerun },
  'content/mismatch': { meaning: 'Staged bytes do not have the sealed digest.', action: person },
  'content/not-there': { meaning: 'A staged file, or a part of an image, is gone.', action: restage },
  'deployment/contended': { meaning: 'Several jobs changed the record of one deployment at the same time.', action: rerun },
  'deployment/stopped': {
    meaning: 'The job was stopped before it knew its pipeline.',
    action: 'Run the job again; it looks for the pipeline first.',
  },
  'directory/not-a-file': {
    meaning: 'A repository has a folder or a device where a file belongs.',
    action: 'Remove it, then run the job again.',
  },
  'directory/outside': { meaning: 'A path leads out of the repository’s folder.', action: correct },
  'document/invalid': {
    meaning: 'A document cannot be read, or does not have the expected form.',
    action: 'Run the job that writes the document again.',
  },
  'gate/altered': { meaning: 'The manifest is not the one that was sealed or approved.', action: person },
  'gate/approval': {
    meaning: 'Nobody approved this release, or the approval is for another one.',
    action: 'Start the approve job of this pipeline.',
  },
  'gate/collision': {
    meaning: 'Two targets would publish to the same place.',
    action: 'Give one of them another distribution, name or repository.',
  },
  'gate/deployment-mismatch': {
    meaning: 'The other GitLab does not confirm the notes of a deployment.',
    action: 'Check the pipelines of the other project, then run the command with --resume or --start-again.',
  },
  'gate/deployment-refused': {
    meaning: 'GitLab refused to start the other project’s pipeline.',
    action: 'Correct what the message names, then run the job again.',
  },
  'gate/deployment-twice': { meaning: 'Several pipelines of the other project have the key of the same deployment.', action: person },
  'gate/deployment-undecided': {
    meaning: 'It is unknown whether the other project’s pipeline was started.',
    action: 'Check the pipelines of the other project, then run the command with --resume or --start-again.',
  },
  'gate/deployment-unreadable': {
    meaning: 'The pipelines of the other project cannot be read.',
    action: 'Give the job a token that can read them.',
  },
  'gate/endless-list': { meaning: 'A list from GitLab does not end.', action: person },
  'gate/expired': { meaning: 'The hold of the release has ended.', action: 'Stage and seal it again under a new version.' },
  'gate/foreign-note': {
    meaning: 'Another pipeline, or somebody outside of any job, wrote a note of a deployment.',
    action: 'Find out who wrote it, delete the file that the message names, then run the job again.',
  },
  'gate/forged-record': {
    meaning: 'The record of a version was not written by the pipeline that it names.',
    action: 'Find out who wrote it, delete the file that the message names, then run the job again.',
  },
  'gate/hidden-record': {
    meaning: 'The record of a version is hidden in the package registry.',
    action: 'Make it visible again as the message says, and find out who hid it.',
  },
  'gate/identity': { meaning: 'GitLab does not confirm that this is a running job.', action: 'Run the command in its own job.' },
  'gate/leftovers': {
    meaning: 'A job’s folder has a file that does not come from the jobs it needs.',
    action: 'Make sure that the runner empties the folder before each job.',
  },
  'gate/lost-record': {
    meaning: 'A document shows that the version was sealed, but its record is gone.',
    action: 'Find out who deleted the record; release under a new version.',
  },
  'gate/manifest': { meaning: 'The manifest was sealed for another pipeline.', action: 'Use the manifest of this pipeline’s seal job.' },
  'gate/no-manifest': { meaning: 'There is no release manifest.', action: 'Run the seal job first.' },
  'gate/not-as-sealed': { meaning: 'A public file or image differs from the sealed one. Nothing was announced.', action: person },
  'gate/not-in-staging': { meaning: 'A staged artifact is missing from staging.', action: 'Run the stage jobs again, then the seal job.' },
  'gate/not-passed': {
    meaning: 'A job before the gate ran again and did not pass.',
    action: 'Run that job again, and publish after it has passed.',
  },
  'gate/not-sealed': {
    meaning: 'No seal is recorded for this version, or its record was deleted.',
    action: 'Find out who deleted it, then run the seal job again.',
  },
  'gate/not-staged': { meaning: 'A target has no staging record.', action: 'Run its stage job first.' },
  'gate/nothing': { meaning: 'There is nothing to seal.', action: 'Check which targets the kind stages.' },
  'gate/plan': {
    meaning: 'A document belongs to another plan, or does not match the plan.',
    action: 'Use the plan and the documents of one pipeline.',
  },
  'gate/record': { meaning: 'A recorded seal cannot be read, or is not a Stagegate record.', action: person },
  'gate/records': {
    meaning: 'GitLab’s package registry refuses the record of the seal.',
    action: 'Enable the package registry, and give the job access.',
  },
  'gate/ref': {
    meaning: 'No kind of the plan matches this tag or branch.',
    action: 'Run the job in a pipeline of one of the plan’s kinds.',
  },
  'gate/release-entry': { meaning: 'A release entry in GitLab has a wrong asset or a wrong commit.', action: person },
  'gate/release-refused': {
    meaning: 'GitLab refused a release entry, or one of its assets.',
    action: 'Follow the message: it names the permission, the tag or the asset.',
  },
  'gate/role': { meaning: 'A manifest and the plan give a repository different roles.', action: person },
  'gate/sealed-before': { meaning: 'The version was already sealed with different content.', action: 'Release under a new version.' },
  'gitlab/lint-refused': {
    meaning: 'GitLab did not check a pipeline.',
    action: 'Correct the address, the project or the token that the message names.',
  },
  'gitlab/refused': {
    meaning: 'GitLab, or a server in front of it, refused a request.',
    action: 'Read the status and GitLab’s message; correct the token, the project or the setting that it names.',
  },
  'gitlab/unavailable': { meaning: 'GitLab is not working correctly, or did not answer.', action: rerun },
  'gitlab/unexpected-answer': { meaning: 'GitLab gave an answer that its API does not define.', action: report },
  'host/given-up': { meaning: 'A server gave no valid answer for too long.', action: rerun },
  'host/trouble': { meaning: 'A server has a problem.', action: rerun },
  'http/coding': { meaning: 'A response has a content encoding that was not requested.', action: report },
  'http/credential': { meaning: 'The program’s function that fetches a secret failed; nothing was sent.', action: rerun },
  'http/early-success': { meaning: 'A server reported success before it had received all bytes.', action: rerun },
  'http/failed': { meaning: 'There was no answer, or an answer that is not HTTP.', action: rerun },
  'http/proxy': {
    meaning: 'The proxy cannot be reached, or refused the connection.',
    action: 'Correct the proxy’s address or account, or allow the proxy to reach the host.',
  },
  'http/redirect': { meaning: 'A redirect leads to an address that Stagegate does not follow.', action: report },
  'http/reset': { meaning: 'The connection broke.', action: rerun },
  'http/short': { meaning: 'A download ended too early.', action: rerun },
  'http/timeout': { meaning: 'An answer, or part of it, did not arrive in time.', action: rerun },
  'http/tls': {
    meaning: 'The server’s certificate is not trusted, or TLS failed.',
    action: 'Correct the certificate, or pass its certificate authority as ca.',
  },
  'http/too-long': { meaning: 'An answer is longer than the limit.', action: report },
  'http/unreachable': { meaning: 'No connection to the server.', action: rerun },
  'image/tag-contested': { meaning: 'Other jobs keep moving a tag while this job moves it.', action: rerun },
  'job/stopped': { meaning: 'The job was cancelled.', action: rerun },
  'job/time-over': { meaning: 'The job has almost reached its timeout.', action: rerun },
  'layout/broken': { meaning: 'An OCI layout lacks parts that its index names.', action: 'Write the layout again.' },
  'layout/locked': { meaning: 'Another process is writing the OCI layout.', action: rerun },
  'package/contradiction': { meaning: 'A package contradicts its target.', action: rebuild },
  'package/malformed': { meaning: 'A package is damaged or ambiguous.', action: rebuild },
  'package/not-a-package': {
    meaning: 'A file of a PackageTarget is neither a .deb nor an .rpm.',
    action: 'Narrow the target’s globs; release other files with a FileTarget.',
  },
  'package/other-version': {
    meaning: 'A package has a different version from the release, which its target does not allow.',
    action: rebuild,
  },
  'package/source-package': { meaning: 'An rpm is a source package.', action: 'Narrow the target’s globs.' },
  'package/too-large': { meaning: 'A package’s control data is larger than its limit.', action: rebuild },
  'package/unreadable': { meaning: 'A package file cannot be read.', action: rebuild },
  'package/unsupported': { meaning: 'A package uses a format that Stagegate cannot read.', action: rebuild },
  'package/wrong-architecture': {
    meaning: 'A package is for another architecture than its target.',
    action: 'Narrow the target’s globs, or correct its architecture.',
  },
  'package/wrong-extension': {
    meaning: 'A package’s file name has the extension of another format.',
    action: 'Let the build give it the right name.',
  },
  'package/wrong-file-name': { meaning: 'A package’s file name contradicts its content.', action: 'Find out which of the two is right.' },
  'package/wrong-format': {
    meaning: 'A package has a format that its distribution does not install.',
    action: 'Narrow the target’s globs.',
  },
  'package/wrong-release': {
    meaning: 'An rpm was built for another distribution.',
    action: 'Narrow the target’s globs, or correct the distribution.',
  },
  'place/unwritable': { meaning: 'A file cannot be written now.', action: 'Free some disk space, then run the job again.' },
  'place/unwritten': {
    meaning: 'The work is done, but its document could not be written.',
    action: 'Free some disk space, then run the job again: it repeats nothing and writes the document.',
  },
  'records/not-listed': { meaning: 'GitLab accepted a record but does not list it.', action: rerun },
  'records/unreadable': { meaning: 'An existing record cannot be read.', action: person },
  'repository/ambiguous': { meaning: 'A repository has several different files under one name.', action: person },
  'repository/being-deleted': { meaning: 'Somebody deleted a package whose files can still be read for a while.', action: rerun },
  'repository/forbidden': {
    meaning: 'The credential does not have permission for this.',
    action: 'Give the account the permission, or use another credential.',
  },
  'repository/index-broken': {
    meaning: 'A repository’s index contradicts its files.',
    action: 'Rebuild the repository’s index.',
  },
  'repository/index-ahead': {
    meaning: 'An index has a date in the future, and clients accept no older one.',
    action: 'Wait until that time; or rewrite the index by hand, and correct the clock that dated it.',
  },
  'repository/index-changed': { meaning: 'Other writers kept changing an index first.', action: rerun },
  'repository/index-fixed': {
    meaning: 'The origin or label of an index would change, and existing clients refuse that.',
    action: 'Use the value that the index has, or leave the setting out.',
  },
  'repository/index-gone': {
    meaning: 'An index is gone, and a new one would hide everything that the old one listed.',
    action: 'Restore the last one from a backup or from the bucket’s object versions.',
  },
  'repository/index-old': {
    meaning: 'A suite has a Release file but no InRelease.',
    action: 'Sign the Release file as InRelease once, as the message says.',
  },
  'repository/index-unsigned': {
    meaning: 'An index has no signature, so its author is unknown.',
    action: 'Review the index, then sign it once as the message says.',
  },
  'repository/job-over': { meaning: 'GitLab no longer accepts the job’s token: the job has ended or was cancelled.', action: rerun },
  'repository/no-digest': { meaning: 'A registry does not report which manifest a tag points to.', action: report },
  'repository/no-referrers': {
    meaning: 'A registry cannot store the list of signatures and SBOMs.',
    action: 'Follow the message: it names the tag that is in the way.',
  },
  'repository/no-such-image': {
    meaning: 'A registry has no repository for this image.',
    action: 'Create the repository there, or correct the address.',
  },
  'repository/not-found-or-not-authorised': {
    meaning: 'The repository does not exist, or the credential cannot see it.',
    action: 'Check the repository’s name and the credential.',
  },
  'repository/not-listed': { meaning: 'A server accepted a file but does not list it.', action: rerun },
  'repository/not-private': {
    meaning: 'The staging repository is readable by anybody.',
    action: 'Stage in a private project or bucket, or restrict this one to members.',
  },
  'repository/not-served': { meaning: 'A server does not deliver a file that it lists.', action: rerun },
  'repository/not-there': { meaning: 'A file is not in the repository yet.', action: rerun },
  'repository/other-package': { meaning: 'A package’s own name, version or architecture differs from what was sealed.', action: restage },
  'repository/payment-required': {
    meaning: 'The account’s plan does not allow this.',
    action: 'Free some space in the account, or change its plan.',
  },
  'repository/protected': { meaning: 'A rule of the repository protects the package.', action: 'Change the rule, or use another token.' },
  'repository/put-off': { meaning: 'A server asked to retry later.', action: rerun },
  'repository/realm': {
    meaning: 'A registry refers to a token issuer that the plan does not trust.',
    action: 'If the issuer is right, add it to the repository’s address.',
  },
  'repository/refused': {
    meaning: 'A server permanently refuses this.',
    action: 'Correct what the server reports, then run the job again.',
  },
  'repository/retry-later': { meaning: 'A server has a problem.', action: rerun },
  'repository/threw': {
    meaning: 'A repository threw an error without a code of the form area/name.',
    action: 'Read the message and its causes; if the repository is your own, fix the bug there.',
  },
  'repository/too-large': {
    meaning: 'A server refuses a file of this size.',
    action: 'Raise the server’s limit, or make the artifact smaller.',
  },
  'repository/unauthorized': {
    meaning: 'The credential was refused.',
    action: 'Check the variable’s value; GitLab expands $ in values unless Expand is off.',
  },
  'repository/unexpected-answer': { meaning: 'A server gave an answer that its API does not define.', action: report },
  'repository/unknown-distribution': { meaning: 'A server does not know the distribution.', action: 'Correct the target’s distribution.' },
  'repository/unreadable': { meaning: 'A repository’s folder cannot be read.', action: correct },
  'repository/unsupported': { meaning: 'A repository cannot do this.', action: 'Route the target to a repository that can.' },
  'repository/upload-elsewhere': { meaning: 'A registry redirects the upload to another host.', action: report },
  'run/cancelled': { meaning: 'The calling program stopped the run.', action: 'Run it again; it sends only what is missing.' },
  'run/not-ended': { meaning: 'The job was killed before it knew the outcome.', action: rerun },
  'signing/bad-signature': {
    meaning: 'A signature by a known key does not match the content.',
    action: 'Find out who changed the index; clients refuse it, and Stagegate does not replace it.',
  },
  'signing/key-cannot-sign': {
    meaning: 'A signing key does not have the permission to sign.',
    action: 'Add a subkey that can sign, and export the key again.',
  },
  'signing/key-damaged': { meaning: 'The parts of a signing key do not belong together.', action: 'Export the key again.' },
  'signing/key-expired': {
    meaning: 'A signing key has expired.',
    action: 'Extend it as the message says, export it again, and give clients the new certificate.',
  },
  'signing/key-missing': { meaning: 'An index must be signed, but no key was given.', action: 'Give the secret key.' },
  'signing/key-new-format': {
    meaning: 'A signing key has a form that GnuPG 2.2 cannot read.',
    action: 'Make a key of version 4, as the message says.',
  },
  'signing/key-no-certificate': {
    meaning: 'A text that should contain certificates does not.',
    action: 'Give the output of gpg --armor --export.',
  },
  'signing/key-not-secret': {
    meaning: 'A certificate was given in place of a secret key, or the key’s secret part was removed.',
    action: 'Give the output of gpg --armor --export-secret-keys.',
  },
  'signing/key-not-yet': {
    meaning: 'A signing key was created after the time of the signature.',
    action: 'Check the clocks of both machines.',
  },
  'signing/key-passphrase': { meaning: 'The passphrase of a signing key is missing or wrong.', action: correct },
  'signing/key-revoked': { meaning: 'The owner of a signing key revoked it.', action: 'Sign with another key.' },
  'signing/key-several': {
    meaning: 'A text contains several signing keys, or a key was given twice.',
    action: 'Export each key on its own.',
  },
  'signing/key-unreadable': {
    meaning: 'A text is not one armoured OpenPGP key.',
    action: 'Store the output of gpg --armor --export-secret-keys, with all of its lines.',
  },
  'signing/key-weak': {
    meaning: 'A signing key has an algorithm or a length that apt refuses now or will soon.',
    action: 'Make an Ed25519 key, and sign with both until every client has its certificate.',
  },
  'signing/key-weak-digest': {
    meaning: 'A signing key’s self-signatures use SHA-1, which apt of Debian 13 refuses.',
    action: 'Renew them as the message says, and give clients the new certificate.',
  },
  'signing/malformed': {
    meaning: 'An index is not exactly one signed document, or its signature cannot be read.',
    action: 'Find out who wrote it; clients refuse it, and Stagegate does not replace it.',
  },
  'signing/not-confirmed': { meaning: 'A new signature failed its own check.', action: 'Export the secret key again.' },
  'signing/unknown-signer': {
    meaning: 'An index is not signed by any known key.',
    action: 'Give the certificate of the key that signed it, or find out who did.',
  },
  'signing/unsignable': {
    meaning: 'An index contains text that clients could not read back.',
    action: 'Remove the text that the message names.',
  },
  'signing/worthless-signature': {
    meaning: 'A known key signed an index in a way that apt does not accept.',
    action: 'Sign it again, with a key and a digest that apt accepts.',
  },
  'staging/conflict': {
    meaning: 'Staging has a different file under this name.',
    action: 'Build under a new version, or find out which build is right.',
  },
  'staging/incomplete': { meaning: 'Not everything is in staging yet.', action: rerun },
  'staging/refused': {
    meaning: 'Staging permanently refuses something.',
    action: 'Correct what the message names, then run the job again.',
  },
  'staging/unknown': { meaning: 'It is unknown whether staging has everything.', action: rerun },
  'staging/unread': { meaning: 'Staging was not checked, because the run ended first.', action: rerun },
  'store/changed-outside': { meaning: 'Something else changed a file that only Stagegate should replace.', action: person },
  'store/clock': {
    meaning: 'The clocks of this machine and of the server are too far apart for signatures.',
    action: 'Set the clock of the machine.',
  },
  'store/no-preconditions': {
    meaning: 'A server ignores or does not support conditional writes, so it would overwrite files.',
    action: 'Use a server that supports If-None-Match and If-Match.',
  },
  'store/no-such-bucket': {
    meaning: 'There is no bucket with this name.',
    action: 'Create the bucket, or correct its name or its endpoint.',
  },
  'store/path': { meaning: 'A path does not name the same file in every store.', action: 'Publish the file under another path.' },
  'store/region': { meaning: 'A bucket is in another region.', action: 'Set the region that the message names.' },
  'store/session-over': { meaning: 'Temporary credentials have expired.', action: rerun },
  'store/web-identity': {
    meaning: 'A server issues no keys for the ID token of a job.',
    action: 'Compare the trust policy of the role with the token: its issuer, its audience, its project and its tag.',
  },
  'usage/asset-path': { meaning: 'GitLab does not accept an asset with this path.', action: 'Use letters, digits and _-./ in the path.' },
  'usage/baseline': { meaning: 'A file is not an audit baseline.', action: 'Write it again with --update-baseline.' },
  'usage/body': { meaning: 'A request has a body that it must not have.', action: correct },
  'usage/ca': { meaning: 'ca is not a PEM text with certificates.', action: correct },
  'usage/client-certificate': { meaning: 'A client certificate or its key is missing, or cannot be read.', action: correct },
  'usage/count': { meaning: 'An option is not a count.', action: correct },
  'usage/credential': {
    meaning: 'A credential has an unknown scheme, or a secret that is neither a variable nor a value.',
    action: 'Name the variable of the secret, or give it as { value }.',
  },
  'usage/dangling-link': { meaning: 'A built file is a link whose target does not exist.', action: 'Let the build leave the file itself.' },
  'usage/deadline': { meaning: 'A deadline is not a number of seconds.', action: correct },
  'usage/deployment': { meaning: 'The plan has no such deployment for this command.', action: correct },
  'usage/digest': { meaning: 'An option is not a sha256.', action: correct },
  'usage/distribution': {
    meaning: 'The plan does not say which distribution a target is for.',
    action: 'Give the target a distribution, and synth again.',
  },
  'usage/elsewhere': {
    meaning: 'A rehearsal, or a request over plain http, was redirected to another machine.',
    action: 'Run the server of the rehearsal on this machine.',
  },
  'usage/event': { meaning: 'No pipeline exists for the event.', action: correct },
  'usage/file': { meaning: 'There is no such pipeline file.', action: correct },
  'usage/file-empty': { meaning: 'A file to release is empty.', action: 'Correct the build, or remove the file from the target.' },
  'usage/file-name': {
    meaning: 'A file cannot be published under its name.',
    action: 'Let the build give it another name, or narrow the target’s globs.',
  },
  'usage/file-path': {
    meaning: 'A file would be published under the same path in every version.',
    action: 'Put {version} into the path of its target, or put the version into the file’s name.',
  },
  'usage/folder': { meaning: 'A folder cannot be written to.', action: correct },
  'usage/git-strategy': {
    meaning: 'GIT_STRATEGY is not the value that Stagegate renders.',
    action: 'Remove the variable where the message says, or synth again.',
  },
  'usage/gitlab': {
    meaning: 'No GitLab answers at the address of the plan.',
    action: 'Correct project.url in pipeline.ts, and synth again.',
  },
  'usage/header': { meaning: 'A header has characters that cannot be sent.', action: correct },
  'usage/hostile-variable': {
    meaning: 'An environment variable could be used to attack the job.',
    action: 'Unset it, or allow it by name in pipeline.ts.',
  },
  'usage/init': { meaning: 'init cannot write its files here.', action: 'Follow the message.' },
  'usage/insecure-origin': { meaning: 'An address is plain http.', action: 'Use https.' },
  'usage/instance': { meaning: 'The plan is for another GitLab.', action: 'Correct project.url in pipeline.ts, and synth again.' },
  'usage/job': { meaning: 'The pipeline has no such job.', action: correct },
  'usage/kind': { meaning: 'The tag or branch does not determine the pipeline’s kind.', action: 'Set it with --kind.' },
  'usage/layout': { meaning: 'An OCI layout has no image, or several.', action: 'Let the build leave exactly one image in it.' },
  'usage/link-outside': {
    meaning: 'A built file is a link to a file outside of the job’s folder.',
    action: 'Let the build leave the file itself.',
  },
  'usage/location': { meaning: 'A location in a manifest does not belong to this repository.', action: person },
  'usage/module': {
    meaning: 'The module of a repository’s type is missing, was changed, or does not provide that type.',
    action: 'Correct the module, synth again, and commit both.',
  },
  'usage/no-app': { meaning: 'pipeline.ts does not export an App.', action: 'End it with: export default app.' },
  'usage/no-approval': {
    meaning: 'Nothing in the release waits for an approval.',
    action: "Start the publish jobs, or set approval: 'once' in pipeline.ts.",
  },
  'usage/no-checkout': {
    meaning: 'A rehearsal needs a Git checkout with a commit, and there is none.',
    action: 'Commit, then rehearse in the checkout.',
  },
  'usage/no-files': { meaning: 'The build left no file to stage.', action: 'Correct the target’s globs, or the build.' },
  'usage/no-image': {
    meaning: 'Staging has no image under the expected tag.',
    action: 'Let the build push the image as $STAGEGATE_IMAGE, or leave an OCI layout.',
  },
  'usage/no-job': { meaning: 'The command does not run in a GitLab job.', action: 'Run it in a job, or rehearse with --rehearsal.' },
  'usage/no-pipeline': { meaning: 'There is no such file.', action: correct },
  'usage/no-plan': { meaning: 'There is no release plan.', action: 'Create it with stagegate synth; in a job it comes from prepare.' },
  'usage/nothing': { meaning: 'No target was named.', action: correct },
  'usage/option': { meaning: 'An option names something that does not exist.', action: correct },
  'usage/no-tag': {
    meaning: 'A release from a branch cannot have a release entry.',
    action: 'Announce only in kinds whose pipelines a tag starts.',
  },
  'usage/not-merged': {
    meaning: 'A file is not a merged configuration.',
    action: 'Use merged_yaml from GitLab’s CI Lint API, or leave out --merged.',
  },
  'usage/not-staged': {
    meaning: 'A file that a program releases is not in its staging repository.',
    action: 'Check whether it was uploaded.',
  },
  'usage/options': {
    meaning: 'An option is unknown or has a wrong value, or options need or exclude one another.',
    action: correct,
  },
  'usage/origin': { meaning: 'An address is not an origin.', action: correct },
  'usage/other-bytes': {
    meaning: 'A file that a program releases does not have the digest that its list gives.',
    action: 'Find out who changed the file, or whether the list is of another build.',
  },
  'usage/other-image': {
    meaning: 'A tag points to a different image from the one that was requested.',
    action: 'Find out who moved it, and name the image that you want.',
  },
  'usage/other-checkout': {
    meaning: 'Git is configured to use another folder as the checkout.',
    action: 'Unset core.worktree, or rehearse in that checkout.',
  },
  'usage/package-manager': {
    meaning: 'A package manager is not installed on this machine, or cannot read a repository.',
    action: 'Give the verify job an image that has it, or verify the target without it.',
  },
  'usage/path': { meaning: 'A path cannot be used here.', action: correct },
  'usage/pipeline': { meaning: 'GitLab would refuse one of the compared pipelines.', action: 'Correct the pipeline first.' },
  'usage/place': { meaning: 'A program gave a file a place that the repository cannot have.', action: correct },
  'usage/platforms': {
    meaning: 'An image does not have the platforms of its target.',
    action: 'Build the missing platforms, or correct the target.',
  },
  'usage/proxy': { meaning: 'A proxy variable is not an address.', action: correct },
  'usage/read-token': {
    meaning: 'STAGEGATE_READ_TOKEN holds a publisher’s credential.',
    action: 'Give it a token of its own with the scope read_api.',
  },
  'usage/receipt': { meaning: 'There is no such receipt.', action: correct },
  'usage/rehearsal': {
    meaning: 'A rehearsal must not use this place.',
    action: 'Use a directory below the checkout, or a server on this machine.',
  },
  'usage/release': { meaning: 'The plan has no such release.', action: correct },
  'usage/repository': { meaning: 'A repository is missing, or cannot do what the command needs.', action: correct },
  'usage/resume': { meaning: 'The pipeline to resume is for another ref.', action: correct },
  'usage/route': { meaning: 'The kind does not stage a target.', action: correct },
  'usage/same-file-twice': {
    meaning: 'Two files of a target would be published under one name.',
    action: 'Give them different names, or a FileTarget each.',
  },
  'usage/same-package-twice': { meaning: 'Two files are the same package.', action: 'Exclude one of them from the target.' },
  'usage/sha256sums': { meaning: 'A list of checksums does not have the form that sha256sum writes.', action: correct },
  'usage/secret-file': { meaning: 'A credential’s variable has the type File.', action: 'Change the type to Variable.' },
  'usage/secret-malformed': {
    meaning: 'A credential has characters that cannot be sent.',
    action: 'Check the variable’s value for spaces and line breaks.',
  },
  'usage/secret-missing': {
    meaning: 'A credential’s variable is not set or is empty.',
    action: 'Set it in the project’s CI/CD variables for the job’s environment.',
  },
  'usage/settings': { meaning: 'A repository’s settings in the plan are wrong.', action: 'Correct pipeline.ts, and synth again.' },
  'usage/start-again': { meaning: '--start-again does not name the number of the next start.', action: correct },
  'usage/synth': { meaning: 'The pipeline has errors.', action: 'Correct the issues listed above it.' },
  'usage/tag': { meaning: 'A version is not valid as an image tag.', action: correct },
  'usage/target': { meaning: 'There is no such target.', action: correct },
  'usage/timeout': { meaning: 'A time limit is not a number of seconds.', action: correct },
  'usage/unreadable': { meaning: 'A file cannot be read.', action: correct },
  'usage/unwritable': { meaning: 'The job cannot write a document to its place.', action: 'Let the job write below .stagegate.' },
  'usage/value': { meaning: 'A value passed to a function does not have the expected form.', action: correct },
  'usage/variable': { meaning: 'An option does not have the form NAME=VALUE.', action: correct },
  'usage/version': { meaning: 'A kind gives the release no version.', action: 'Give the kind a version in pipeline.ts.' },
  'usage/word': { meaning: 'Both --resume and --start-again were given.', action: 'Use only one of them.' },
}
