import jsonPatch, { type Operation } from 'fast-json-patch';
import type { KubeObject } from '#api/object.ts';

/** Values longer than this are cut in the record: a log line is read by people. */
const MAX_VALUE_LENGTH = 2000;
const REDACTED = '<redacted>';

/**
 * The JSON Patch from the object before to the object after, as a person would have written it: nothing that the server keeps, no secret.
 * `hide` takes what was decrypted out of a text.
 */
export function changeRecord(before: KubeObject | undefined, after: KubeObject, hide: (text: string) => string = (text) => text): readonly Operation[] {
  if (!before) return [];
  const isSecret = after.kind === 'Secret';
  return jsonPatch.compare(declared(before), declared(after)).map((operation) => ('value' in operation ? { ...operation, value: shown(operation, isSecret, hide) } as Operation : operation));
}

function declared(object: KubeObject): object {
  const { managedFields: _fields, resourceVersion: _version, generation: _generation, ...metadata } = object.metadata;
  const { status: _status, ...rest } = object as KubeObject & { readonly status?: unknown };
  return { ...rest, metadata };
}

function shown({ path, value }: { readonly path: string; readonly value: unknown }, isSecret: boolean, hide: (text: string) => string): unknown {
  // An annotation may hold a whole manifest, as kubectl's last-applied does.
  if (isSecret && !/^\/(?:type|immutable|metadata\/(?:labels|annotations\/headway\.dev~1)[^]*)$/.test(path)) return REDACTED;
  const text = JSON.stringify(value);
  if (text !== undefined && hide(text) !== text) return REDACTED;
  return text !== undefined && text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : value;
}
