import type { JSONSchemaProps } from '#api/generated/apiextensions/v1.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { loadSchema } from '#api/schema.ts';
import { compileCustomSchema } from '#api/structural/compile.ts';

export interface CustomTypeOptions {
  readonly schema?: JSONSchemaProps;
  readonly subresources?: readonly string[];
  readonly kind?: string;
  readonly plural?: string;
}

const facts = loadSchema();

/** What a definition of `crontabs.stable.example.com` makes, without rules. */
export function customType({ schema = { type: 'object' }, subresources = [], kind = 'CronTab', plural = 'crontabs' }: CustomTypeOptions = {}): ResourceType {
  const rules = { compile: () => { throw new Error('no rules here'); } };
  return {
    group: 'stable.example.com', version: 'v1', kind, plural, singular: kind.toLowerCase(), shortNames: [], categories: [], namespaced: true,
    verbs: ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'], subresources,
    custom: {
      schema: compileCustomSchema({ schema, preserveUnknownFields: false, facts, rules }), columns: [], selectableFields: [{ jsonPath: '.spec.color' }], storageVersion: 'v1',
      published: schema, isTerminating: false, retired: new AbortController().signal,
    },
  };
}
