import { isDeepStrictEqual } from 'node:util';
import type { Role, RoleBinding } from '#api/generated/rbac/v1.ts';
import { PROJECT_LABEL, type Application, type Project, type ProjectStatus } from '#api/headway/v1/types.ts';
import { joinKey, keyOf, type KubeObject, type NamespacedName } from '#api/object.ts';
import { APPLICATIONS, PROJECTS, ROLE_BINDINGS, ROLES, SYNCS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import { formatTime, type Clock } from '#base/clock.ts';
import type { Client } from '#client/client.ts';
import type { Lister } from '#client/informer.ts';
import { withCondition } from '#controller/conditions.ts';
import type { ControllerDefinition, ReconcileContext, Reconciler, ReconcileResult } from '#controller/reconciler.ts';
import { submitTransaction } from '../apply/transaction.ts';
import { planRoles, type ProjectMembers } from './project-roles.ts';

const FIELD_MANAGER = 'headway-project';

interface ProjectReconcilerOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly projects: Lister<Project>;
  readonly applications: Lister<Application>;
  readonly roles: Lister<Role>;
  readonly bindings: Lister<RoleBinding>;
}

/** Keeps the roles of projects as Roles and RoleBindings over what belongs to them. */
export class ProjectReconciler implements Reconciler {
  readonly #options: ProjectReconcilerOptions;

  constructor(options: ProjectReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: NamespacedName, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const { projects, roles: presentRoles, bindings: presentBindings, client } = this.#options;
    const project = projects.get(key);
    if (!project || project.metadata.deletionTimestamp) return {};
    const { roles, bindings } = planRoles(project, await this.#members(project, signal));
    const stale = [...staleOf(presentRoles, roles, project), ...staleOf(presentBindings, bindings, project)];
    const items = [...[...roles, ...bindings].map((apply) => ({ apply })), ...stale.map((object) => ({ delete: referenceTo(object) }))];
    const results = await submitTransaction(client, items, { fieldManager: FIELD_MANAGER, signal });
    const refused = results.flatMap(({ error }) => error?.message ?? []);
    await this.#write(project, refused, signal);
    return {};
  }

  /** Records are listed, not watched: they are large, and only their names are asked for. */
  async #members({ metadata: { namespace = '', name }, spec }: Project, signal: AbortSignal): Promise<ProjectMembers> {
    if (!spec.roles?.length) return { applications: [], syncs: [] };
    const applications = this.#options.applications.list(namespace).filter((application) => application.spec.project === name).map(({ metadata }) => metadata.name ?? '');
    const { items } = await this.#options.client.list(SYNCS, { namespace, signal });
    return { applications, syncs: items.filter((sync) => applications.includes(sync.spec.application)).map(({ metadata }) => metadata.name ?? '') };
  }

  async #write({ metadata, status }: Project, refused: readonly string[], signal: AbortSignal): Promise<void> {
    const outcome = refused.length === 0 ? { status: 'True', reason: 'RolesKept', message: 'its roles are as it says' } : { status: 'False', reason: 'RolesRefused', message: refused.join('; ') };
    const conditions = withCondition(status?.conditions, { type: 'Ready', ...outcome, lastTransitionTime: formatTime(this.#options.clock.now()) });
    const next: ProjectStatus = { ...status, observedGeneration: metadata.generation, conditions };
    if (isDeepStrictEqual(next, status)) return;
    await this.#options.client.patch(PROJECTS, { namespace: metadata.namespace, name: metadata.name ?? '' }, { type: 'merge', body: { status: next } }, { subresource: 'status', signal }).catch((error: unknown) => {
      if (!isStatus(error, 'NotFound')) throw error;
    });
  }
}

const staleOf = <T extends KubeObject>(present: Lister<T>, wanted: readonly T[], { metadata }: Project): readonly T[] => {
  const names = new Set(wanted.map((object) => object.metadata.name));
  return present.list(metadata.namespace).filter((object) => object.metadata.labels?.[PROJECT_LABEL] === metadata.name && !names.has(object.metadata.name));
};

const referenceTo = ({ apiVersion, kind, metadata: { namespace, name = '', uid = '' } }: KubeObject) => ({ apiVersion, kind, namespace, name, uid });

export const projectRoles = (): ControllerDefinition => ({
  name: 'project-roles',
  concurrency: 2,
  build({ client, informers, clock }) {
    const projects = informers.informer(PROJECTS);
    const applications = informers.informer(APPLICATIONS);
    const roles = informers.informer(ROLES, { labelSelector: PROJECT_LABEL });
    const bindings = informers.informer(ROLE_BINDINGS, { labelSelector: PROJECT_LABEL });
    const ofLabel = ({ metadata }: KubeObject): readonly NamespacedName[] => [joinKey(metadata.namespace, metadata.labels?.[PROJECT_LABEL] ?? '')];
    const ofApplication = ({ metadata, spec }: Application): readonly NamespacedName[] => (spec.project ? [joinKey(metadata.namespace, spec.project)] : []);
    return {
      reconciler: new ProjectReconciler({ client, clock, projects: projects.lister, applications: applications.lister, roles: roles.lister, bindings: bindings.lister }),
      triggers: [
        { informer: projects, keysOf: (project, old) => (old && old.metadata.generation === project.metadata.generation ? [] : [keyOf(project)]) },
        // A new name, another project, or a new record.
        { informer: applications, keysOf: (application: Application, old?: Application) => (old && old.spec.project === application.spec.project && syncOf(old) === syncOf(application) ? [] : ofApplication(application)) },
        { informer: roles, keysOf: ofLabel },
        { informer: bindings, keysOf: ofLabel },
      ],
    };
  },
});

const syncOf = ({ status }: Application): string => `${status?.attemptedRevision} ${status?.lastSyncTime}`;
