import type { Condition } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ApplicationSpec } from './application.ts';
import type { GitProvider, LocalReference } from './repository.ts';

/** Makes one Application for each set of parameters that its generators give. */
export interface ApplicationSet extends KubeObject {
  readonly spec: ApplicationSetSpec;
  readonly status?: ApplicationSetStatus | undefined;
}
export interface ApplicationSetSpec {
  /** What all of them give, put together. */
  readonly generators: readonly Generator[];
  /** Strings may hold `{{name}}`, a parameter. */
  readonly template: ApplicationTemplate;
  readonly deletion?: SetDeletionPolicy | undefined;
}
export interface ApplicationTemplate {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> | undefined; readonly annotations?: Readonly<Record<string, string>> | undefined };
  readonly spec: ApplicationSpec;
}
/** Exactly one of its fields. */
export interface Generator {
  /** One set of parameters for each element. */
  readonly list?: { readonly elements: readonly Readonly<Record<string, unknown>>[] } | undefined;
  readonly directories?: DirectoryGenerator | undefined;
  readonly files?: FileGenerator | undefined;
  readonly clusters?: ClusterGenerator | undefined;
  readonly pullRequests?: PullRequestGenerator | undefined;
  /** Each set of parameters of the first with each of the second, which may name those of the first. Two generators; neither is a matrix. */
  readonly matrix?: { readonly generators: readonly Generator[] } | undefined;
}
/** Parameters `path`, `path.basename`, `path[0]`, `path[1]`, … */
export interface DirectoryGenerator {
  /** Name of a Repository in the same namespace. */
  readonly repository: string;
  /** `apps/*`; with a leading `!` it excludes. */
  readonly paths: readonly string[];
}
/** YAML or JSON files; their fields are parameters (`a.b`), with `path.filename` and those of {@link DirectoryGenerator} for the file's folder. */
export interface FileGenerator {
  /** Name of a Repository in the same namespace. */
  readonly repository: string;
  /** `clusters/*.yaml`; with a leading `!` it excludes. */
  readonly paths: readonly string[];
}
/** Secrets of the same namespace with label `headway.dev/cluster`; parameters `name`, `server`, `metadata.labels.<key>`. */
export interface ClusterGenerator {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> | undefined } | undefined;
}
/**
 * Open pull requests; parameters `number`, `branch`, `branch_slug`, `head_sha`, `head_short_sha`, `author`, `title`. Those from forks, which
 * anybody may open, only when `labels` are asked for.
 */
export interface PullRequestGenerator {
  readonly provider: GitProvider;
  /** `owner/name`; of GitLab the project's path. */
  readonly repository: string;
  readonly apiURL?: string | undefined;
  readonly secretRef?: LocalReference | undefined;
  /** Only pull requests with all of these. */
  readonly labels?: readonly string[] | undefined;
  /** A Go duration. Default `60s`. */
  readonly pollInterval?: string | undefined;
}
/** What becomes of Applications that the generators no longer give. */
export interface SetDeletionPolicy {
  /** `Delete` with their objects (default), or `Orphan`: keep. */
  readonly mode?: 'Delete' | 'Orphan' | undefined;
  /** A change that deletes more waits until annotation `headway.dev/confirm-deletion` names the revision of status.pending. Default 5; without a limit, paths in Git that vanish and leave no Application wait, too. */
  readonly limit?: number | undefined;
}
export interface ApplicationSetStatus {
  readonly observedGeneration?: number | undefined;
  /** Names of those that were made. */
  readonly applications?: readonly string[] | undefined;
  /** What waits for a confirmation. */
  readonly pending?: { readonly revision: string; readonly deletions: readonly string[] } | undefined;
  readonly conditions?: readonly Condition[] | undefined;
}
