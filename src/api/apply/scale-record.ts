import type { ManagedFieldsEntry } from '#api/generated/meta/v1.ts';
import { difference, type FieldSet, fieldSet, fieldStep, isEmptySet, LEAF } from './field-set.ts';
import { decodeManagers, encodeManagers, type Manager } from './managers.ts';

const SCALE_VERSION = 'autoscaling/v1';
const REPLICAS = pathSet(['spec', 'replicas']);

/** Where objects of an `apiVersion` keep their replicas; empty for one that has no scale, undefined for one that is no version of the resource. */
export type ReplicasPaths = (apiVersion: string) => readonly string[] | undefined;
type Entries = readonly ManagedFieldsEntry[];

/** The record of a Scale, from that of its object: who owns the replicas. */
export function scaleRecord(entries: Entries | undefined, paths: ReplicasPaths): Entries {
  const owners = [...decodeManagers(entries).values()].filter((manager) => owns(manager, paths(manager.apiVersion)));
  return encodeManagers(owners.map((manager) => ({ ...manager, apiVersion: SCALE_VERSION, fields: REPLICAS })));
}

/**
 * The record of the object, after a write of its Scale: whoever lost the replicas there loses them here, and whoever has got them owns them under the
 * name of the subresource. No time is told of that, as in Kubernetes, and a manager that updates, whose version is part of who it is, is always another one there.
 */
export function withScaleRecord(entries: Entries | undefined, scale: Entries | undefined, own: string, paths: ReplicasPaths): Entries {
  const left = new Map(decodeManagers(scale));
  const kept: Manager[] = [];
  for (const [key, manager] of decodeManagers(entries)) {
    const path = paths(manager.apiVersion);
    if (path === undefined) continue;
    const fields = owns(manager, path) && !left.delete(key) ? difference(manager.fields, pathSet(path)) : manager.fields;
    if (!isEmptySet(fields)) kept.push({ ...manager, fields });
  }
  const owners = [...left.values()].filter((manager) => owns(manager, ['spec', 'replicas']));
  const path = paths(own) ?? [];
  return encodeManagers([...kept, ...owners.map((manager) => ({ ...manager, apiVersion: own, time: undefined, fields: pathSet(path) }))]);
}

function owns({ fields }: Manager, path: readonly string[] | undefined): boolean {
  if (path === undefined || path.length === 0) return false;
  return path.reduce<FieldSet | undefined>((set, name) => set?.children.get(fieldStep(name)), fields)?.isMember === true;
}

function pathSet(path: readonly string[]): FieldSet {
  return path.reduceRight<FieldSet>((set, name) => fieldSet(false, new Map([[fieldStep(name), set]])), LEAF);
}
