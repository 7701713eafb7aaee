import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '#api/generated/apiextensions/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType, Verb } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import { compileCustomSchema } from '#api/structural/compile.ts';
import type { RuleCompiler } from '#api/structural/custom-schema.ts';

const VERBS: readonly Verb[] = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

export interface CustomKindOptions {
  readonly facts: Schema;
  readonly rules: RuleCompiler;
}

/** The kinds that a definition will bring, one for each version that it serves, as the API server would check their objects. */
export function customKinds({ spec }: CustomResourceDefinition & KubeObject, options: CustomKindOptions): readonly ResourceType[] {
  return spec.versions.filter(({ served }) => served).map((version) => customKind(spec, version, options));
}

function customKind(spec: CustomResourceDefinition['spec'], version: CustomResourceDefinitionVersion, { facts, rules }: CustomKindOptions): ResourceType {
  const { plural, kind, singular, shortNames = [], categories = [] } = spec.names;
  const { status, scale } = version.subresources ?? {};
  return {
    group: spec.group, version: version.name, kind, plural, singular: singular || kind.toLowerCase(), shortNames, categories, namespaced: spec.scope === 'Namespaced', verbs: VERBS,
    subresources: [...(status ? ['status'] : []), ...(scale ? ['scale'] : [])],
    custom: {
      schema: compileCustomSchema({ schema: version.schema?.openAPIV3Schema, preserveUnknownFields: spec.preserveUnknownFields === true, rules, facts }),
      columns: [], selectableFields: [], storageVersion: spec.versions.find(({ storage }) => storage)?.name ?? version.name, isTerminating: false, retired: new AbortController().signal,
      ...(scale ? { scale } : {}),
    },
  };
}
