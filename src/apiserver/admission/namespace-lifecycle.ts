import { andThen } from '#base/and-then.ts';
import type { Namespace } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { NAMESPACES } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { forbidden, notFound, StatusError } from '#api/status-error.ts';
import type { WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import { refusedName } from './plugin.ts';
import { readCached, readFresh, type Versioned } from '../storage/object-reader.ts';

/** Nothing new goes into a namespace that is absent or going away. */
export function requireNamespace(env: Environment, resource: ResourceType, object: KubeObject, context: WriteContext): void | Promise<void> {
  const name = object.metadata.namespace ?? '';
  if (context.newNamespaces?.has(name)) return;
  return andThen<Versioned | undefined, void>(readCached(env.cache, NAMESPACES, '', name) ?? readFresh(env.cache, NAMESPACES, '', name), (found) => {
    if (found === undefined) throw notFound(NAMESPACES, name);
    const namespace = found.object as Namespace & KubeObject;
    if (namespace.metadata.deletionTimestamp !== undefined || namespace.status?.phase === 'Terminating') throw terminating(resource, object, name);
  });
}

function terminating(resource: ResourceType, object: KubeObject, namespace: string): StatusError {
  const error = forbidden(resource, refusedName({ object }), `unable to create new content in namespace ${namespace} because it is being terminated`);
  const causes = [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }];
  return new StatusError('Forbidden', error.message, { details: { ...error.data.status.details, causes } });
}

/** Without these the cluster cannot work. */
const PERMANENT: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

export function requireDeletable(resource: ResourceType, name: string): void {
  if (resource.group === '' && resource.plural === 'namespaces' && PERMANENT.has(name)) throw forbidden(resource, name, 'this namespace may not be deleted');
}
