import type { ParamKind } from '#api/generated/admissionregistration/v1.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import type { ParamSource } from '#policy/params.ts';
import type { Environment } from '../../environment.ts';

/** Reads parameters, of built-in and custom kinds, from the watch cache. */
export function paramObjects({ scheme, cache }: Pick<Environment, 'scheme' | 'cache'>): ParamSource {
  const resourceOf = ({ apiVersion = '', kind = '' }: ParamKind): ResourceType | undefined => scheme.byKind(apiVersion, kind);
  return {
    scopeOf(kind) {
      const resource = resourceOf(kind);
      return resource && (resource.namespaced ? 'Namespaced' : 'Cluster');
    },
    get(kind, namespace, name) {
      const resource = resourceOf(kind);
      return resource && cache.get(groupResource(resource), namespace, name)?.object;
    },
    list(kind, namespace, selector) {
      const resource = resourceOf(kind);
      if (!resource) return [];
      const selects = labelSelectorPredicate(selector);
      return cache.list(groupResource(resource), namespace === '' ? {} : { namespace }).items.map((i) => i.object).filter((o) => selects(o.metadata.labels ?? {}));
    },
  };
}
