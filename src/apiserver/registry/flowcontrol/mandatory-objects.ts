import type { FlowSchema, PriorityLevelConfiguration } from '#api/generated/flowcontrol/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { Problems } from '#api/validation/problems.ts';
import { BOOTSTRAP_LEVELS, BOOTSTRAP_SCHEMAS, MANDATORY } from '../../flowcontrol/bootstrap-objects.ts';
import { isEqual } from '../../storage/equality.ts';
import type { Strategy } from '../strategy.ts';

const COUNTED: Strategy = { hasGeneration: true };

/** What must always hold is not for anybody to write: of the exempt level only the shares are. */
export const FLOW_SCHEMA: Strategy = { ...COUNTED, validate: (object) => fixed(object, BOOTSTRAP_SCHEMAS, ({ spec }) => spec, '') };
export const PRIORITY_LEVEL: Strategy = {
  ...COUNTED,
  validate: (object) => (object.metadata.name === 'exempt' ? fixed(object, BOOTSTRAP_LEVELS, withoutShares, " except the 'spec.exempt' field") : fixed(object, BOOTSTRAP_LEVELS, ({ spec }) => spec, '')),
};

const withoutShares = ({ spec }: PriorityLevelConfiguration): object => {
  const { exempt: _, ...rest } = spec;
  return rest;
};

function fixed<T extends FlowSchema | PriorityLevelConfiguration>(object: KubeObject, all: readonly T[], partOf: (object: T) => unknown, apart: string): readonly StatusCause[] {
  const problems = new Problems();
  const { name } = object.metadata;
  const wanted = MANDATORY.has(name) ? all.find(({ metadata }) => metadata.name === name) : undefined;
  const { spec } = object as unknown as T;
  if (wanted !== undefined && !isEqual(partOf(object as unknown as T), partOf(wanted))) problems.invalid('spec', spec, `spec of '${name}'${apart} must equal the fixed value`);
  return problems.causes;
}
