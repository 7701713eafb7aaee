import type { CustomResourceDefinitionVersion } from '#api/generated/apiextensions/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { CustomSchema } from '#api/structural/custom-schema.ts';
import type { Definition } from './conditions.ts';

/** What the server needs of structural schemas. */
export interface SchemaEngine {
  /** Of a definition that was accepted, so it cannot fail. */
  compile(definition: Definition, version: CustomResourceDefinitionVersion): CustomSchema;
  /** What forbids a definition, or its change from `live`. */
  validate(definition: Definition, live: Definition | undefined): readonly StatusCause[];
}

export const createSchemaEngine = (): SchemaEngine => ({
  compile: () => ({ source: undefined, prune: (object) => ({ object, unknown: [] }), applyDefaults: (object) => object, validate: () => [] }),
  validate: () => [],
});
