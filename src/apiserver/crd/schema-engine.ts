import type { CustomResourceDefinitionVersion } from '#api/generated/apiextensions/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { Schema } from '#api/schema.ts';
import { compileCustomSchema } from '#api/structural/compile.ts';
import { validateCustomResourceDefinition } from '#api/structural/definition/validate-definition.ts';
import type { CustomSchema, RuleCompiler } from '#api/structural/custom-schema.ts';
import type { Definition } from './conditions.ts';

/** What the server needs of structural schemas; one for its life. */
export class SchemaEngine {
  readonly #facts: Schema;
  readonly #rules: RuleCompiler;

  constructor(options: { readonly facts: Schema; readonly rules: RuleCompiler }) {
    this.#facts = options.facts;
    this.#rules = options.rules;
  }

  /** Of a definition that was accepted, so it cannot fail. */
  compile({ spec }: Definition, version: CustomResourceDefinitionVersion): CustomSchema {
    return compileCustomSchema({ schema: version.schema?.openAPIV3Schema, preserveUnknownFields: spec.preserveUnknownFields === true, rules: this.#rules, facts: this.#facts });
  }

  /** What forbids a definition, or its change from `live`. */
  validate(definition: Definition, live: Definition | undefined): readonly StatusCause[] {
    return validateCustomResourceDefinition(definition, live, { facts: this.#facts, rules: this.#rules });
  }
}
