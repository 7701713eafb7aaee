import type { Condition } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';

/** A source of manifests. Namespaced; the one that `headway up --repo` makes is `headway-system/root`. */
export interface Repository extends KubeObject {
  readonly spec: RepositorySpec;
  readonly status?: RepositoryStatus | undefined;
}
export interface RepositorySpec {
  /** `https://…`, `ssh://…`, `git@host:path`, or an absolute local path. With `chart`: of a Helm chart repository (`https://…`), or of a registry (`oci://host/path`). */
  readonly url: string;
  /** Name of a Helm chart that is published at `url`; its files are the repository's. `ref` is a version or a range of versions, by default the newest release. Default: none, `url` is of a Git repository. */
  readonly chart?: string | undefined;
  /** Branch, tag, full commit id, or a range of semantic versions (`^1.2`, `>=1.0 <2`) of which the highest tag counts. Default `main`. */
  readonly ref?: string | undefined;
  /** How often a remote is asked for new commits when nothing else tells of them, a Go duration. Default `15s`; local repositories are watched instead. */
  readonly pollInterval?: string | undefined;
  /**
   * Secret of the same namespace with the credentials: `username` and `password`, or `bearerToken`, and `ca.crt` for https;
   * `identity` (a private key) and `known_hosts` for ssh. Default: none.
   */
  readonly secretRef?: LocalReference | undefined;
  /** Who must have signed the commit (or the annotated tag) that is synced. Default: nobody. */
  readonly verification?: Verification | undefined;
  /**
   * Whether submodules are read, as the folders that they stand for: of the same host with the same credentials, of others without. The Project of an
   * Application must permit their repositories, too. Default false: a submodule among the manifests is refused by name.
   */
  readonly submodules?: boolean | undefined;
  /** Patterns as in a .gitignore, from the repository's root: files that are no manifests. */
  readonly ignore?: readonly string[] | undefined;
  readonly webhook?: WebhookSpec | undefined;
  /** Where the outcome of each commit is shown. Default: nowhere. */
  readonly commitStatus?: CommitStatusSpec | undefined;
}
/** An object of the same namespace. */
export interface LocalReference {
  readonly name: string;
}
export interface Verification {
  /** At least one; a signature by any of them will do. */
  readonly signers: readonly Signer[];
}
/** One of the two keys. */
export interface Signer {
  readonly name: string;
  /** An armored public key. */
  readonly pgp?: string | undefined;
  /** `ssh-ed25519 AAAA…`, as in authorized_keys. */
  readonly ssh?: string | undefined;
}
/** Pushes are told to `/hooks/<namespace>/<name>` of the webhook port. */
export interface WebhookSpec {
  /** Secret of the same namespace; its `token` signs (GitHub, Gitea, Bitbucket) or accompanies (GitLab) each request. */
  readonly secretRef: LocalReference;
}
export type GitProvider = 'GitHub' | 'GitLab' | 'Gitea';
export type StatusProvider = GitProvider | 'Bitbucket' | 'BitbucketServer';
export interface CommitStatusSpec {
  /** `Bitbucket` is the Cloud, `BitbucketServer` Server and Data Center; both want an access token. */
  readonly provider: StatusProvider;
  /** Secret of the same namespace; its `token` may write statuses. `ca.crt`, when there is one, is trusted in the place of the usual authorities. */
  readonly secretRef: LocalReference;
  /** Default: of the public service, or of the repository's host. */
  readonly apiURL?: string | undefined;
}
export interface RepositoryStatus {
  readonly observedGeneration?: number | undefined;
  /** The commit in force, 40 hex digits: the newest that could be learned and was accepted. */
  readonly revision?: string | undefined;
  /** The name that stands for it: the tag that a range of versions chose, else spec.ref. */
  readonly resolvedRef?: string | undefined;
  /** The signer of the revision, when signatures are asked for. */
  readonly verifiedBy?: string | undefined;
  readonly conditions?: readonly Condition[] | undefined;
}
