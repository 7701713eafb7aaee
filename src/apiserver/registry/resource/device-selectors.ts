import type { DeviceClass, DeviceSelector, ResourceClaim, ResourceClaimSpec, ResourceClaimTemplate } from '#api/generated/resource/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import { asError } from '#base/errors.ts';
import type { CelCompiler } from '#policy/cel.ts';
import { formatType } from '#policy/cel/types.ts';
import { DEVICE_VARIABLES } from '#policy/typing/device-type.ts';
import { isEqual } from '../../storage/equality.ts';
import type { Strategy } from '../strategy.ts';
import { withoutReturnedDevices } from './resource-claim.ts';

/** Of one evaluation: a claim is held against every device of the cluster. */
const MAX_COST = 1_000_000;

/** The expressions of one object, with where they stand. */
type SelectorsOf<T> = (object: T) => readonly (readonly [path: string, selectors: readonly DeviceSelector[]])[];

const ofClaim = (path: string, spec: ResourceClaimSpec | undefined): ReturnType<SelectorsOf<never>> =>
  (spec?.devices?.requests ?? []).flatMap(({ exactly, firstAvailable = [] }, i) => {
    const at = `${path}.devices.requests[${i}]`;
    return [...(exactly === undefined ? [] : [[`${at}.exactly.selectors`, exactly.selectors ?? []] as const]), ...firstAvailable.map((sub, j) => [`${at}.firstAvailable[${j}].selectors`, sub.selectors ?? []] as const)];
  });

export const DEVICE_CLASS: Strategy = { hasGeneration: true, returnsDeleted: true, validate: checking<DeviceClass>(({ spec }) => [['spec.selectors', spec?.selectors ?? []]]) };
export const RESOURCE_CLAIM: Strategy = { returnsDeleted: true, validate: checking<ResourceClaim>(({ spec }) => ofClaim('spec', spec)), prepareSubresource: withoutReturnedDevices };
export const RESOURCE_CLAIM_TEMPLATE: Strategy = { returnsDeleted: true, validate: checking<ResourceClaimTemplate>(({ spec }) => ofClaim('spec.spec', spec?.spec)) };

/** Refuses selectors that do not compile or may cost too much; those of the live object that stay as they are were accepted once. */
function checking<T>(selectorsOf: SelectorsOf<T>): NonNullable<Strategy['validate']> {
  return (written, live, env, subresource) => {
    const selectors = subresource === '' ? selectorsOf(written as T) : [];
    if (live !== undefined && isEqual(selectors, selectorsOf(live as T))) return [];
    return selectors.flatMap(([path, list]) => list.flatMap(({ cel }, i) => (cel?.expression === undefined ? [] : problemsOf(env.policies.compiler, cel.expression, `${path}[${i}].cel.expression`))));
  };
}

function problemsOf(compiler: CelCompiler, expression: string, field: string): readonly StatusCause[] {
  try {
    const { type, estimate } = compiler.expression(expression, { path: field, types: DEVICE_VARIABLES, isForDevices: true });
    if (type.kind !== 'bool' && type.kind !== 'dyn') return [invalidCause(field, expression, `must evaluate to bool or the unknown type, not ${formatType(type)}`)];
    return estimate() > MAX_COST ? [{ reason: 'FieldValueForbidden', field, message: 'Forbidden: too complex, exceeds cost limit' }] : [];
  } catch (error) {
    return [invalidCause(field, expression, asError(error).message)];
  }
}

const invalidCause = (field: string, expression: string, why: string): StatusCause => ({ reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(expression)}: ${why}` });
