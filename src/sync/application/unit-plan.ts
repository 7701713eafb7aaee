import { createHash } from 'node:crypto';
import type { SyncError } from '#api/headway/v1/types.ts';
import { desiredObject, type DesiredObject } from '../apply/desired-object.ts';
import { findNewest, type Provenance } from '../diff/provenance.ts';
import { ApplicationIndex, type IndexedFile, type IndexedObject } from '../inventory/application-index.ts';
import { describe, inventoryEntry, type Identity } from '../inventory/identity.ts';
import { hooksOfSync } from '../render/helm/hooks.ts';
import type { RenderedHook, UnitInputs } from '../render/renderer.ts';
import type { RenderedUnit, UnitRequest } from '../render/unit-rendering.ts';
import { isUnchanged } from '../render/unit/unit-tree.ts';
import { duplicates } from './duplicates.ts';
import type { PlanRequest, SyncPlan } from './plan.ts';

interface UnitPlace {
  readonly type: UnitRequest['type'];
  /** Object ids of the commit's root tree, and of the application's folder in it. */
  readonly root: string;
  readonly folder: string;
}

interface PlannedObject {
  readonly desired: DesiredObject;
  readonly indexed: IndexedObject;
  readonly isNew: boolean;
}

/** What a commit changes for an application that a tool renders: nothing, and no tool is started, unless an input changed. */
export async function planUnit(request: PlanRequest, { type, root, folder }: UnitPlace): Promise<SyncPlan> {
  const { revision, previous, repository, signal } = request;
  if (previous?.unit?.type === type && (await isUnchanged(previous.unit.lookups, repository, root))) {
    return { ok: true, index: new ApplicationIndex({ revision, folder, files: previous.files, unit: { ...previous.unit, root } }), changed: [] };
  }
  const rendered = await renderUnit(request, { type, root });
  const refused = [...rendered.result.errors, ...(rendered.result.hooks ?? []).flatMap(hookError), ...emptyError(rendered, request)];
  if (refused.length > 0) return { ok: false, errors: refused };
  const commit = await findNewest({
    repository, revision, path: commonFolder(rendered.inputs), files: [...rendered.inputs.files.values()].map((file) => ({ ...file, kind: 'file' })), signal,
    ...(previous ? { since: previous.revision } : {}),
  });
  const results = await Promise.all(rendered.result.objects.map(async (object) => {
    const desired = desiredObject(object, commit, request);
    return 'identity' in desired ? planObject(desired, commit, request) : desired;
  }));
  const planned = results.filter((result) => 'desired' in result);
  const index = new ApplicationIndex({ revision, folder, files: filesOf(planned, commit), unit: { type, root, lookups: rendered.lookups } });
  const errors = [...results.filter((result) => 'reason' in result), ...duplicates(index, planned.map(({ desired }) => desired), request)];
  signal.throwIfAborted();
  return errors.length > 0 ? { ok: false, errors } : { ok: true, index, changed: planned.flatMap(({ desired, isNew }) => (isNew ? [desired] : [])) };
}

/** The objects of an applied unit with these names, as they were applied; for drift. */
export async function desiredOfUnit(index: ApplicationIndex, wanted: ReadonlySet<Identity>, request: PlanRequest): Promise<readonly DesiredObject[]> {
  if (!index.unit) return [];
  const { result } = await renderUnit(request, index.unit);
  return result.objects.flatMap((object) => {
    const found = desiredObject(object, { commit: index.revision, author: '' }, request);
    const provenance = 'identity' in found ? index.objects.get(found.identity)?.object.provenance : undefined;
    const desired = provenance ? desiredObject(object, provenance, request) : undefined;
    return desired && 'identity' in desired && wanted.has(desired.identity) ? [desired] : [];
  });
}

function renderUnit({ repository, path, render, name, destinationNamespace, units, keys, signal }: PlanRequest, { type, root }: Pick<UnitPlace, 'type' | 'root'>): Promise<RenderedUnit> {
  return units.render({ type, reader: repository, root, path, spec: render, release: { name: render.helm?.releaseName || name, namespace: destinationNamespace }, keys }, signal);
}

/** An object that came out as before keeps its commit, so that it is not written for the sake of an annotation. */
async function planObject(desired: DesiredObject, commit: Provenance, request: PlanRequest): Promise<PlannedObject> {
  const { source, identity, resource, object } = desired;
  const digest = createHash('sha256').update(JSON.stringify([source.path, source.object], (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))).digest('base64');
  const before = request.previous?.objects.get(identity)?.object;
  const isSame = before?.digest === digest;
  const provenance = (isSame ? before?.provenance : before ? undefined : await request.recorded(desired)) ?? commit;
  const result = provenance === commit ? desired : desiredObject(source, provenance, request);
  return {
    desired: 'identity' in result ? result : desired, isNew: !isSame,
    indexed: { identity, entry: inventoryEntry(resource, object, source.path), line: source.line, provenance, digest },
  };
}

function filesOf(planned: readonly PlannedObject[], provenance: Provenance): ReadonlyMap<string, IndexedFile> {
  const files = new Map<string, IndexedFile>();
  for (const { indexed } of planned) {
    const { path } = indexed.entry;
    files.set(path, { path, oid: '', provenance, objects: [...(files.get(path)?.objects ?? []), indexed] });
  }
  return files;
}

const hookError = ({ hooks, path, line, object }: RenderedHook): readonly SyncError[] => {
  const due = hooksOfSync(hooks);
  return due.length === 0 ? [] : [{ path, line, object: describe(object.kind, object.metadata), reason: 'HooksNotSupported', message: `the object is a hook (${due.join(', ')}), and hooks are not run yet; nothing of the chart is applied without them` }];
};

/** A render that is empty by a mistake would prune everything. */
const emptyError = ({ result }: RenderedUnit, { path, hasInventory }: PlanRequest): readonly SyncError[] =>
  result.objects.length > 0 || result.errors.length > 0 || !hasInventory ? [] : [{ path, reason: 'EmptyRender', message: 'rendering gave no object; nothing is deleted for it: delete the Application if its objects shall go' }];

function commonFolder({ files }: UnitInputs): string {
  const [first = [], ...others] = [...files.values()].map(({ path }) => path.split('/').slice(0, -1));
  const shared = others.reduce((common, parts) => {
    const end = common.findIndex((part, i) => parts[i] !== part);
    return end < 0 ? common : common.slice(0, end);
  }, first);
  return shared.join('/');
}
