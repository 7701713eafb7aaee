import type { KubeObject } from '#api/object.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { desiredObject, type DesiredObject } from '#sync/apply/desired-object.ts';

export const SCHEME = new Scheme(BUILT_IN_RESOURCES);
const API_VERSIONS: Readonly<Record<string, string>> = { Deployment: 'apps/v1', Job: 'batch/v1', CustomResourceDefinition: 'apiextensions.k8s.io/v1' };

/** An object as a sync of application `ns/app` applies it; `Kind name`, with annotations. */
export function desired(what: string, annotations: Readonly<Record<string, string>> = {}): DesiredObject {
  const [kind = '', name = ''] = what.split(' ');
  const object = { apiVersion: API_VERSIONS[kind] ?? 'v1', kind, metadata: { name, annotations } } as unknown as KubeObject;
  const found = desiredObject({ object, path: 'a.yaml', line: 1, lineOf: () => 1 }, { commit: 'c0ffee', author: 'Ada' }, { scheme: SCHEME, label: 'ns.app', destinationNamespace: 'default' });
  if (!('identity' in found)) throw new Error(found.message);
  return found;
}
