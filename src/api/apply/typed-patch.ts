import type { KubeObject } from '#api/object.ts';
import { badRequest, isStatus, plainError, type StatusError } from '#api/status-error.ts';
import type { Schema } from '#api/schema.ts';
import { contentOf } from './contents.ts';
import { EMPTY_SET, type FieldSet } from './field-set.ts';
import type { MergeRule } from './merge-rule.ts';
import { ruleOf, type TypeSource } from './rules.ts';
import { typedFaults } from './typed-faults.ts';
import { fieldsOf } from './typed-value.ts';

/** `default/a; apps/v1, Kind=Deployment`: the object as it was sent; one without a namespace has none here, whatever the path says. */
function typeText({ metadata, ...type }: Partial<KubeObject>): string {
  return `${metadata?.namespace ?? ''}/${typeof metadata?.name === 'string' ? metadata.name : ''}; ${kindText(type)}`;
}

/** `/v1, Kind=Pod`; what is no type is none. */
function kindText({ apiVersion, kind }: { readonly apiVersion?: unknown; readonly kind?: unknown }): string {
  const version = typeof apiVersion === 'string' ? apiVersion : '';
  if (version.split('/').length > 2) return '/, Kind=';
  return `${version.includes('/') ? '' : '/'}${version}, Kind=${typeof kind === 'string' ? kind : ''}`;
}

/** The refusal of another type than that of the path. */
export const otherType = (applied: Partial<KubeObject>): StatusError => badRequest(`invalid object type: ${kindText(applied)}`);

/** The refusal of what has the types of structured merge, but is no value of those of Go. */
export const unconvertible = (applied: Partial<KubeObject>, why: string): StatusError =>
  plainError(`failed to convert new object (${typeText(applied)}) to proper version: unable to convert unstructured object to ${kindText(applied)}: ${why}`);

/** @throws StatusError 500 without a reason for parts of another type, fields that the type does not have, and items that cannot be told from each other */
export function requireTyped(schema: Schema, type: TypeSource, applied: Partial<KubeObject>): void {
  const faults = typedFaults(contentOf(schema, type), ruleOf(schema, type), applied);
  if (faults.length > 0) throw refusal(applied, faults);
}

/** The paths of what is applied. @throws StatusError 500 without a reason when an item of a list has no keys, or stands twice: which one would be meant? */
export function fieldsOfApplied(rule: MergeRule, applied: KubeObject): FieldSet {
  let isTwice = false;
  let fields = EMPTY_SET;
  try {
    fields = fieldsOf(rule, applied, () => {
      isTwice = true;
    });
  } catch (error) {
    if (!isStatus(error, 'BadRequest')) throw error;
    isTwice = true;
  }
  if (isTwice) throw refusal(applied, typedFaults({ form: 'any' }, rule, applied));
  return fields;
}

const refusal = (applied: Partial<KubeObject>, problems: readonly string[]): StatusError =>
  plainError(`failed to create typed patch object (${typeText(applied)}): ${problems.length === 1 ? (problems[0] ?? '') : ['errors:', ...problems.map((text) => `  ${text}`)].join('\n')}`);
