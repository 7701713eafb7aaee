import type { Condition } from '#api/generated/meta/v1.ts';
import type { Subject } from '#api/generated/rbac/v1.ts';
import type { KubeObject } from '#api/object.ts';

/** What the Applications of a team may do. Lists hold patterns in which `*` stands for any text; with a leading `!` one excludes. */
export interface Project extends KubeObject {
  readonly spec: ProjectSpec;
  readonly status?: ProjectStatus | undefined;
}
export interface ProjectSpec {
  /** URLs of repositories. Default: any. */
  readonly repositories?: readonly string[] | undefined;
  /** Default: any. */
  readonly namespaces?: readonly string[] | undefined;
  /** `<kind>` of core, `<kind>.<group>`: `Deployment.apps`, `*.apps`. Default: any in namespaces. */
  readonly kinds?: readonly string[] | undefined;
  /** The same for objects outside of namespaces. Default: none. */
  readonly clusterKinds?: readonly string[] | undefined;
  /**
   * As `<namespace>/<name>`: sync acts as this service account for the project's applications. Of the project's own namespace, unless that is headway-system.
   * Default: as itself in headway-system, elsewhere as `default` of the namespace.
   */
  readonly serviceAccount?: string | undefined;
  readonly roles?: readonly ProjectRole[] | undefined;
}
/** Kept as a Role and a RoleBinding over the project's Applications and their Sync records. */
export interface ProjectRole {
  readonly name: string;
  /** `View` reads, `Sync` also changes annotations, and so asks for syncs and confirms prunes, `Admin` also changes and deletes. */
  readonly access: 'View' | 'Sync' | 'Admin';
  readonly subjects: readonly Subject[];
}
export interface ProjectStatus {
  readonly observedGeneration?: number | undefined;
  readonly conditions?: readonly Condition[] | undefined;
}
