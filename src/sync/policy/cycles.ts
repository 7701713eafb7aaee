import type { Application, Dependency } from '#api/headway/v1/types.ts';
import { joinKey, keyOf, type NamespacedName } from '#api/object.ts';
import type { Lister } from '#client/informer.ts';

export const isApplication = ({ apiVersion, kind }: Pick<Dependency, 'apiVersion' | 'kind'>): boolean => kind === 'Application' && apiVersion.startsWith('headway.dev/');

/** The Applications for which one waits. */
export const applicationsBefore = ({ metadata, spec }: Application): readonly NamespacedName[] =>
  (spec.dependsOn ?? []).filter(isApplication).map(({ namespace, name }) => joinKey(namespace || metadata.namespace, name));

/** A way from the application along its dependencies back to itself, both ends included; undefined when there is none. */
export function findCycle(application: Application, applications: Pick<Lister<Application>, 'get'>): readonly NamespacedName[] | undefined {
  const start = keyOf(application);
  const seen = new Set<NamespacedName>();
  const search = (from: Application, way: readonly NamespacedName[]): readonly NamespacedName[] | undefined => {
    for (const key of applicationsBefore(from)) {
      if (key === start) return [...way, key];
      const next = seen.has(key) ? undefined : applications.get(key);
      seen.add(key);
      const found = next && search(next, [...way, key]);
      if (found) return found;
    }
    return undefined;
  };
  return search(application, [start]);
}
