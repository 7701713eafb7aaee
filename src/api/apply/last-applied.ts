import { isJsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { StatusError } from '#api/status-error.ts';
import { difference, EMPTY_SET, type FieldSet } from './field-set.ts';
import type { MergeRule } from './merge-rule.ts';
import { compareValues, fieldsOf } from './typed-value.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Whoever applies under another name wants none of this. */
const KUBECTL = 'kubectl';
/** As much as all annotations of an object may hold. */
const MAX_BYTES = 256 * 1024;

/** What kubectl applied on the client's side before and nobody has changed since: this it may take over when it now applies on the server's. */
export function givenByLastApplied(rule: MergeRule, live: KubeObject | undefined, manager: string): FieldSet {
  const text = manager === KUBECTL ? live?.metadata.annotations?.[LAST_APPLIED] : undefined;
  if (text === undefined) return EMPTY_SET;
  try {
    const last: unknown = JSON.parse(text);
    if (!isJsonObject(last) || last['apiVersion'] !== live?.apiVersion) return EMPTY_SET;
    const { added, modified, removed } = compareValues(rule, last, live);
    return [added, modified, removed].reduce(difference, fieldsOf(rule, last));
  } catch (error) {
    // An annotation that is no object of this type gives nothing.
    if (error instanceof SyntaxError || error instanceof StatusError) return EMPTY_SET;
    throw error;
  }
}

/** Keeps the annotation, where there is one, at what is applied, so that kubectl can go back to applying on the client's side. */
export function withLastApplied(object: KubeObject, applied: KubeObject, manager: string): KubeObject {
  const { annotations } = object.metadata;
  if (manager !== KUBECTL || annotations?.[LAST_APPLIED] === undefined) return object;
  const text = lastAppliedText(applied);
  const { [LAST_APPLIED]: before, ...others } = annotations;
  if (text === before) return object;
  return { ...object, metadata: { ...object.metadata, annotations: Buffer.byteLength(text) > MAX_BYTES ? others : { ...others, [LAST_APPLIED]: text } } };
}

function lastAppliedText(applied: KubeObject): string {
  const { managedFields: _, annotations, ...metadata } = applied.metadata;
  const { [LAST_APPLIED]: _last, ...others } = annotations ?? {};
  return `${JSON.stringify({ ...applied, metadata: { ...metadata, ...(annotations === undefined ? {} : { annotations: others }) } })}\n`;
}
