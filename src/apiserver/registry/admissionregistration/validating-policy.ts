import type { ValidatingAdmissionPolicy } from '#api/generated/admissionregistration/v1.ts';
import type { CustomResourceDefinition, JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { type CheckedKind, type KindSource, typeWarnings } from '#policy/type-checking.ts';
import { factsType } from '#policy/typing/facts-type.ts';
import { schemaType } from '#policy/typing/schema-type.ts';
import type { Environment } from '../../environment.ts';
import { isEqual } from '../../storage/equality.ts';
import type { Strategy } from '../strategy.ts';

type Policy = ValidatingAdmissionPolicy & KubeObject;

/** The status, which says what of the expressions does not fit the kinds, is made with the spec: nobody has to wait for a controller. */
export const VALIDATING_POLICY: Strategy = {
  hasGeneration: true,
  requiresResourceVersion: true,
  prepareCreate: (object, env) => checked(object as Policy, 1, env),
  prepareUpdate: (object, live, env) =>
    (isEqual((object as Policy).spec, (live as Policy).spec) ? object : checked(object as Policy, (live.metadata.generation ?? 0) + 1, env)),
};

function checked(policy: Policy, observedGeneration: number, env: Environment): KubeObject {
  // Without a spec it is refused, after this.
  if ((policy.spec as unknown) === undefined) return policy;
  const expressionWarnings = typeWarnings(policy, env.policies.compiler, kindSource(env));
  const typeChecking = expressionWarnings.length > 0 ? { expressionWarnings } : {};
  return { ...policy, status: { ...policy.status, observedGeneration, typeChecking } } as Policy;
}

function kindSource(env: Environment): KindSource {
  const typed = (resource: ResourceType): CheckedKind => ({
    group: resource.group, version: resource.version, plural: resource.plural, kind: resource.kind,
    type: resource.facts === undefined ? customType(env, resource) : factsType(env.schema, resource.facts),
  });
  return {
    kinds: () => env.scheme.all().map(typed),
    ofParam({ apiVersion = '', kind = '' }) {
      const resource = env.scheme.byKind(apiVersion, kind);
      return resource && typed(resource).type;
    },
  };
}

function customType(env: Environment, resource: ResourceType): CheckedKind['type'] {
  const found = env.cache.get('customresourcedefinitions.apiextensions.k8s.io', '', `${resource.plural}.${resource.group}`)?.object as CustomResourceDefinition | undefined;
  const schema: JSONSchemaProps | undefined = found?.spec.versions.find((v) => v.name === resource.version)?.schema?.openAPIV3Schema;
  return schema && schemaType({ ...schema, 'x-kubernetes-embedded-resource': true })?.type;
}
