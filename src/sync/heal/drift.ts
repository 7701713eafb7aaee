import type { ManagedFieldsEntry } from '#api/generated/meta/v1.ts';
import { COMMIT_ANNOTATION, SYNC_FIELD_MANAGER } from '#api/headway/v1/types.ts';
import { jsonEqual } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';

/** Fields that Git declares and that another manager changed or removed. */
export interface Drift {
  /** Who, as managedFields names them; `unknown` when the field is gone and with it its owner. */
  readonly managers: readonly string[];
  /** `spec.replicas`, in the form that people write. */
  readonly fields: readonly string[];
  /** The same, each field by its steps in FieldsV1 and with those who took it; nobody when it is gone. */
  readonly lost: readonly LostField[];
}
export interface LostField {
  readonly steps: readonly string[];
  readonly takers: readonly string[];
}

/**
 * Whether an update took fields from sync. Kubernetes takes a field from our entry in managedFields when another manager gives
 * it another value or removes it, so the entries say it without a look at Git; fields that we never owned are never in it.
 */
export function driftBetween(before: KubeObject, after: KubeObject): Drift | undefined {
  const [old, now] = [ourEntry(before), ourEntry(after)];
  if (!old || (now && jsonEqual(old.fieldsV1, now.fieldsV1))) return undefined;
  const owned = leavesOf(now?.fieldsV1);
  const isOurWrite = after.metadata.annotations?.[COMMIT_ANNOTATION] !== before.metadata.annotations?.[COMMIT_ANNOTATION] && owned.has(COMMIT_FIELD);
  if (isOurWrite) return undefined;
  const lost = [...leavesOf(old.fieldsV1)].filter((field) => !owned.has(field));
  if (lost.length === 0) return undefined;
  const others = (after.metadata.managedFields ?? []).filter((entry) => entry !== now);
  const owners = others.map(({ manager = 'unknown', fieldsV1 }) => ({ manager, fields: leavesOf(fieldsV1) }));
  return driftOf(lost.map((field) => ({ steps: JSON.parse(field) as readonly string[], takers: owners.filter(({ fields }) => fields.has(field)).map(({ manager }) => manager) })));
}

export function driftOf(lost: readonly LostField[]): Drift {
  const managers = [...new Set(lost.flatMap(({ takers }) => takers))];
  return { managers: managers.length > 0 ? managers : ['unknown'], fields: lost.map(({ steps }) => readable(steps)), lost };
}

const COMMIT_FIELD = JSON.stringify(['f:metadata', 'f:annotations', `f:${COMMIT_ANNOTATION}`]);

const ourEntry = ({ metadata }: KubeObject): ManagedFieldsEntry | undefined =>
  metadata.managedFields?.find((entry) => entry.manager === SYNC_FIELD_MANAGER && entry.operation === 'Apply' && !entry.subresource);

/** The leaves of a FieldsV1 set, each its path as JSON text. */
function leavesOf(fields: unknown, path: readonly string[] = [], into = new Set<string>()): ReadonlySet<string> {
  if (typeof fields !== 'object' || fields === null) return into;
  const children = Object.entries(fields).filter(([key]) => key !== '.');
  if (children.length === 0 && path.length > 0) into.add(JSON.stringify(path));
  for (const [key, value] of children) leavesOf(value, [...path, key], into);
  return into;
}

/** `f:spec`, `k:{"name":"web"}`, `f:image` become `spec[name=web].image`. */
function readable(steps: readonly string[]): string {
  return steps.reduce((text, step) => {
    const value = step.slice(2);
    if (step.startsWith('f:')) return value.includes('.') ? `${text}[${value}]` : text === '' ? value : `${text}.${value}`;
    if (!step.startsWith('k:')) return `${text}[${value}]`;
    const keys = Object.entries(JSON.parse(value) as Record<string, unknown>).map(([key, item]) => `${key}=${String(item)}`);
    return `${text}[${keys.join(',')}]`;
  }, '');
}
