import type { Application, Project, SyncError } from '#api/headway/v1/types.ts';
import { joinKey, keyOf, type NamespacedName } from '#api/object.ts';
import { APPLICATIONS, CUSTOM_RESOURCE_DEFINITIONS, PROJECTS, REPOSITORIES } from '#api/resources.ts';
import type { Scheme } from '#api/scheme.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import type { InformerFactory } from '#client/informer.ts';
import type { Gate } from '../application/gate.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';
import { actingUser } from './acting-user.ts';
import { DependencyGate } from './dependency-gate.ts';
import { windowGate } from './window-gate.ts';
import { ObjectWatches } from './object-watches.ts';
import { type DeclaredObject, projectRefusals } from './project-rules.ts';

export interface RulesOptions {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly scheme: Scheme;
  readonly clock: Clock;
  readonly log: Logger;
  source(application: Application): { readonly tracked?: TrackedRevision };
  /** Whether the status of an Application is of what it has applied by now. */
  isSettled(key: NamespacedName): boolean;
  /** Has an application's job run again. */
  wake(key: NamespacedName): void;
  /** Other rules than before bind the application: all of it is judged again. */
  rejudge(key: NamespacedName): void;
}

/** When an application may be synced, what it may hold, and as whom. */
export interface Rules {
  readonly gates: readonly Gate[];
  clientFor(application: Application): Client;
  /** What of its objects the application's project forbids. */
  refusals(application: Application, objects: Iterable<DeclaredObject>): readonly SyncError[];
  /** An Application is otherwise than it was: those that depend on it may go on. */
  noteApplication(key: NamespacedName): void;
  /** The application is gone. */
  forget(application: Application): void;
  /** Begins to tell of changes, until the signal aborts. */
  start(signal: AbortSignal): void;
  /** Resolves when what rules are made of is known. */
  synced(): Promise<void>;
}

export function createRules({ client, informers, scheme, clock, log, source, isSettled, wake, rejudge }: RulesOptions): Rules {
  const projects = informers.informer(PROJECTS);
  const applications = informers.informer(APPLICATIONS);
  const repositories = informers.informer(REPOSITORIES);
  const projectOf = ({ metadata, spec }: Application): Project | undefined => (spec.project ? projects.lister.get(joinKey(metadata.namespace, spec.project)) : undefined);
  const userOf = (application: Application): string | undefined => actingUser(application, projectOf(application));
  const clientFor = (application: Application): Client => {
    const user = userOf(application);
    return user === undefined ? client : client.as(user);
  };
  const watches = new ObjectWatches({ clock, log, wake });
  const dependencies = new DependencyGate({
    applications: applications.lister, scheme, watches, wake, isSettled,
    readerFor: (application) => ({ client: clientFor(application), user: userOf(application) ?? '' }),
    revisionOf: (application) => application.spec.pinnedRevision || (application.spec.syncPolicy?.automated === false ? application.status?.syncedRevision : source(application).tracked?.revision),
  });
  const rejudgeMembers = ({ metadata }: Project): void => {
    for (const application of applications.lister.list(metadata.namespace)) if (application.spec.project === metadata.name) rejudge(keyOf(application));
  };
  const observe = (application: Application): void => dependencies.noteApplication(keyOf(application));

  return {
    gates: [windowGate(clock), (question, signal) => dependencies.ask(question, signal)],
    clientFor,
    refusals(application, objects) {
      const { namespace } = application.metadata;
      if (!application.spec.project) return [];
      const project = projectOf(application);
      if (!project) return [{ path: '', reason: 'ProjectNotFound', message: `Project ${joinKey(namespace, application.spec.project)} does not exist` }];
      const repository = repositories.lister.get(joinKey(namespace, application.spec.repository));
      return projectRefusals({ project: keyOf(project), spec: project.spec, repositoryUrl: repository?.spec.url ?? '', submoduleUrls: source(application).tracked?.submoduleUrls, objects });
    },
    noteApplication: (key) => dependencies.noteApplication(key),
    forget: (application) => dependencies.forget(keyOf(application)),
    start(signal) {
      signal.addEventListener('abort', () => watches.stop(), { once: true });
      projects.subscribe({ onAdd: rejudgeMembers, onDelete: rejudgeMembers, onUpdate: (project, old) => { if (project.metadata.generation !== old.metadata.generation) rejudgeMembers(project); } });
      applications.subscribe({ onAdd: observe, onUpdate: observe, onDelete: observe });
      const definitions = informers.informer(CUSTOM_RESOURCE_DEFINITIONS);
      definitions.subscribe({ onAdd: () => dependencies.noteKinds(), onUpdate: () => dependencies.noteKinds() });
    },
    synced: () => projects.synced(),
  };
}
