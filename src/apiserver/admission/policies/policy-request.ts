import type { KubeObject } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Authorize } from '#policy/library/authorizer.ts';
import type { PolicyRequest } from '#policy/policy-request.ts';
import type { Environment } from '../../environment.ts';
import { optionsOf } from '../operation-options.ts';
import type { AdmissionRequest } from '../plugin.ts';

/** The request as policies and match conditions see it. Namespaces are in themselves, as in Kubernetes. */
export function policyRequest(env: Environment, request: AdmissionRequest): PolicyRequest {
  const { operation, resource, subresource, object, live, context } = request;
  const isNamespace = groupResource(resource) === 'namespaces';
  const namespace = isNamespace ? request.name : request.namespace;
  const home = namespace === '' ? undefined : namespaceObject(env, request, namespace);
  return {
    operation, group: resource.group, version: resource.version, otherVersions: () => otherVersions(env, resource), resource: subresource === '' ? resource.plural : `${resource.plural}/${subresource}`,
    kind: (object ?? live)?.kind ?? resource.kind, namespace, name: request.name, user: context.user, isDryRun: context.dryRun, authorize: authorizeFor(env, context.user),
    get options() {
      return optionsOf(request);
    },
    ...(object ? { object } : {}), ...(live ? { oldObject: live } : {}), ...(home ? { namespaceObject: home } : {}), ...(context.audit ? { audit: context.audit } : {}),
  };
}

const otherVersions = ({ scheme }: Environment, { group, plural, version }: ResourceType): readonly string[] =>
  scheme.all().filter((r) => r.group === group && r.plural === plural && r.version !== version).map((r) => r.version);

function namespaceObject(env: Environment, { context }: AdmissionRequest, name: string): KubeObject | undefined {
  return context.newNamespaces?.get(name) ?? env.cache.get('namespaces', '', name)?.object;
}

/** The cluster's authorizer, asked in the name of the request's user or of a service account. */
export function authorizeFor(env: Environment, user: UserInfo): Authorize {
  return (question) => {
    const { isAllowed, reason } = env.authorizer.authorize({
      user: question.serviceAccount ? accountUser(question.serviceAccount) : user, verb: question.verb, isResource: question.path === undefined, path: question.path ?? '',
      group: question.group, resource: question.resource, subresource: question.subresource, namespace: question.namespace, name: question.name,
      ...(question.fieldSelector ? { fieldSelector: question.fieldSelector } : {}),
    });
    return { allowed: isAllowed, reason };
  };
}

const accountUser = ({ namespace, name }: { readonly namespace: string; readonly name: string }): UserInfo =>
  ({ name: `system:serviceaccount:${namespace}:${name}`, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'] });
