import { APPLICATION_SET_LABEL, CLUSTER_LABEL, type ApplicationSet } from '#api/headway/v1/types.ts';
import { joinKey, keyOf, type KubeObject, type NamespacedName } from '#api/object.ts';
import { APPLICATION_SETS, APPLICATIONS, REPOSITORIES, SECRETS } from '#api/resources.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { ApplicationSetReconciler, type ApplicationSetOptions } from './application-set-reconciler.ts';
import { readsClusters, readsRepository } from './references.ts';

export interface ApplicationSetsOptions extends Pick<ApplicationSetOptions, 'source'> {
  /** Ends what the reconciler has begun. */
  readonly signal: AbortSignal;
}

/** The controller of ApplicationSets: a part of sync, as its generators read the trees that sync keeps. */
export const applicationSets = ({ source, signal }: ApplicationSetsOptions): ControllerDefinition => ({
  name: 'application-sets',
  concurrency: 4,
  build({ client, informers, clock, events }) {
    const sets = informers.informer(APPLICATION_SETS);
    const applications = informers.informer(APPLICATIONS);
    const repositories = informers.informer(REPOSITORIES);
    const clusters = informers.informer(SECRETS, { labelSelector: CLUSTER_LABEL });
    const setsOf = (namespace: string | undefined, isConcerned: (set: ApplicationSet) => boolean): readonly NamespacedName[] => sets.lister.list(namespace).filter(isConcerned).map(keyOf);
    return {
      reconciler: new ApplicationSetReconciler({ client, clock, events, source, sets: sets.lister, applications: applications.lister, clusters: clusters.lister }, signal),
      triggers: [
        { informer: sets, keysOf: (set, old) => (old && isSameQuestion(set, old) ? [] : [keyOf(set)]) },
        { informer: repositories, keysOf: ({ metadata }) => setsOf(metadata.namespace, (set) => readsRepository(set, metadata.name ?? '')) },
        { informer: clusters, keysOf: ({ metadata }) => setsOf(metadata.namespace, readsClusters) },
        { informer: applications, keysOf: (application, old) => (old && isSameQuestion(application, old) ? [] : concernedBy(application, setsOf)) },
      ],
    };
  },
});

/** A status alone asks nothing new. */
const isSameQuestion = ({ metadata: a }: KubeObject, { metadata: b }: KubeObject): boolean =>
  a.generation === b.generation && a.deletionTimestamp === b.deletionTimestamp && JSON.stringify([a.labels, a.annotations]) === JSON.stringify([b.labels, b.annotations]);

/** Its own set, and those in whose way an Application of nobody may stand. */
function concernedBy({ metadata }: KubeObject, setsOf: (namespace: string | undefined, isConcerned: (set: ApplicationSet) => boolean) => readonly NamespacedName[]): readonly NamespacedName[] {
  const owner = metadata.labels?.[APPLICATION_SET_LABEL];
  return owner === undefined ? setsOf(metadata.namespace, () => true) : [joinKey(metadata.namespace, owner)];
}
