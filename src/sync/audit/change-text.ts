import jsonPatch, { type Operation } from 'fast-json-patch';
import type { ObjectChange } from './revision-diff.ts';

const SIGNS: Readonly<Record<ObjectChange['change'], string>> = { Added: '+', Changed: '~', Removed: '-' };
const MAX_VALUE_LENGTH = 120;

/** For people: the object with its place, and a line for each field that differs. */
export const changeText = (change: ObjectChange): string =>
  [`${SIGNS[change.change]} ${change.object}  ${change.path}:${change.line}`, ...change.patch.map((operation) => `    ${operationText(operation, change)}`)].join('\n');

function operationText(operation: Operation, { object, before }: ObjectChange): string {
  const field = fieldOf(operation.path);
  const isHidden = object.startsWith('Secret ');
  const old = (): string => shown(isHidden ? '<redacted>' : valueAt(before?.object, operation.path));
  switch (operation.op) {
    case 'add': return `${field}: ${shown(operation.value)} (added)`;
    case 'remove': return `${field}: ${old()} (removed)`;
    case 'replace': return `${field}: ${old()} -> ${shown(operation.value)}`;
    default: return `${operation.op} ${field}`;
  }
}

const valueAt = (object: unknown, pointer: string): unknown => (object === undefined ? undefined : jsonPatch.getValueByPointer(object, pointer));

/** `/spec/containers/0/image` as `spec.containers[0].image`. */
const fieldOf = (pointer: string): string => pointer.split('/').slice(1).map(jsonPatch.unescapePathComponent).reduce((text, step) => (/^(?:\d+|-)$/.test(step) || /[./]/.test(step) ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`), '');

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}…` : text;
}
