import { decodeFields, difference, encodeFields, EMPTY_SET, fieldSet, type FieldSet, fieldStep, isEmptySet } from './field-set.ts';
import type { ManagedFieldsEntry } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { StatusError } from '#api/status-error.ts';

/** Who set which fields. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string | undefined;
  readonly time: string | undefined;
  readonly fields: FieldSet;
}
/** By {@link managerKey}. */
export type Managers = ReadonlyMap<string, Manager>;

/** One that applies is the same in every version; one that updates is another in each. */
export const managerKey = (m: Pick<Manager, 'name' | 'operation' | 'apiVersion' | 'subresource'>): string =>
  // NUL is in none of them but a name, which stands last.
  `${m.operation}\0${m.operation === 'Apply' ? '' : m.apiVersion}\0${m.subresource ?? ''}\0${m.name}`;

export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers {
  const managers = new Map<string, Manager>();
  for (const entry of entries ?? []) {
    const manager: Manager = {
      name: entry.manager ?? '', operation: entry.operation === 'Apply' ? 'Apply' : 'Update', apiVersion: entry.apiVersion ?? '',
      subresource: entry.subresource || undefined, time: entry.time, fields: decodeFields(entry.fieldsV1 ?? {}),
    };
    // Of two entries of one manager, which only clients write, the last counts.
    managers.set(managerKey(manager), manager);
  }
  return managers;
}

/** What keeps the entries from being read, in Kubernetes' words; undefined for nothing. */
export function recordFault(entries: readonly ManagedFieldsEntry[]): string | undefined {
  for (const [i, { operation, apiVersion, fieldsType, fieldsV1 }] of entries.entries()) {
    if (operation !== 'Apply' && operation !== 'Update') return 'operation must be `Apply` or `Update`';
    if (!apiVersion) return 'apiVersion must not be empty';
    if (!fieldsType) return `missing fieldsType in managed fields entry ${i}`;
    if (fieldsType !== 'FieldsV1') return `invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${i}`;
    try {
      decodeFields(fieldsV1 ?? {});
    } catch (error) {
      if (error instanceof StatusError) return `error decoding managed fields entry ${i}: ${error.message}`;
      throw error;
    }
  }
}

/** In the order of Kubernetes: those that apply first, then by age. */
export function encodeManagers(managers: readonly Manager[]): readonly ManagedFieldsEntry[] {
  const text = (m: Manager): string => `${m.name}\0${m.apiVersion}\0${m.subresource ?? ''}`;
  const sorted = managers.toSorted((a, b) =>
    compare(a.operation, b.operation) || compare(a.time ?? '', b.time ?? '') || compare(text(a), text(b)));
  return sorted.map((m) => ({
    manager: m.name, operation: m.operation, apiVersion: m.apiVersion, ...(m.time === undefined ? {} : { time: m.time }),
    fieldsType: 'FieldsV1', fieldsV1: encodeFields(m.fields), ...(m.subresource === undefined ? {} : { subresource: m.subresource }),
  }));
}
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Members of the metadata that nobody owns. */
export const SYSTEM_METADATA: readonly string[] = ['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion'];
const member = (children: readonly (readonly [string, FieldSet])[], isMember = true): FieldSet =>
  fieldSet(isMember, new Map(children.map(([name, set]) => [fieldStep(name), set])));
const leaf = member([]);
/** Paths that nobody owns: they name the object or are the system's. */
const UNOWNED = member([
  ['apiVersion', leaf], ['kind', leaf], ['metadata', member(SYSTEM_METADATA.map((name) => [name, leaf]))],
], false);

export const withoutUnowned = (fields: FieldSet): FieldSet => difference(fields, UNOWNED);

export function withoutEmpty(managers: ReadonlyMap<string, Manager>): Managers {
  return new Map([...managers].filter(([, manager]) => !isEmptySet(manager.fields)));
}

export const fieldsOfManager = (managers: Managers, key: string): FieldSet => managers.get(key)?.fields ?? EMPTY_SET;

/** The object with its managers written down; `undefined` members are left out. */
export function withManagers<T extends KubeObject>(object: T, managers: Managers): T {
  const { managedFields: _, ...metadata } = object.metadata;
  const entries = encodeManagers([...managers.values()]);
  return { ...object, metadata: entries.length > 0 ? { ...metadata, managedFields: entries } : metadata };
}
