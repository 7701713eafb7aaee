import type { ResourceType } from '#api/resource-type.ts';

export interface PathParts {
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly subresource?: string | undefined;
}

/** `/apis/apps/v1/namespaces/default/deployments/web/status`; segments are percent-encoded. */
export function resourcePath(resource: ResourceType, { namespace, name, subresource }: PathParts): string {
  const root = resource.group === '' ? ['api', resource.version] : ['apis', resource.group, resource.version];
  const scope = resource.namespaced && namespace ? ['namespaces', namespace] : [];
  const rest = [resource.plural, name, subresource].filter((part) => part !== undefined);
  return `/${[...root, ...scope, ...rest].map(encodeURIComponent).join('/')}`;
}
