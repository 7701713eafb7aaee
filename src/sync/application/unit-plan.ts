import { createHash } from 'node:crypto';
import type { SyncError } from '#api/headway/v1/types.ts';
import { desiredObject, type DesiredContext, type DesiredObject } from '../apply/desired-object.ts';
import { findNewest, type Provenance } from '../diff/provenance.ts';
import { hookErrors } from '../hooks/hook-plan.ts';
import { hookOf } from '../hooks/hook.ts';
import type { ApplicationIndex, IndexedFile, IndexedFolder, IndexedObject } from '../inventory/application-index.ts';
import { inventoryEntry, type Identity } from '../inventory/identity.ts';
import { awaitedObject, isAwaited } from '../kinds/awaited-kinds.ts';
import type { RenderedObject } from '../render/renderer.ts';
import type { RenderedUnit, UnitRequest } from '../render/unit-rendering.ts';
import { isUnchanged } from '../render/unit/unit-tree.ts';
import type { FolderPlan, FolderRequest, PlanRequest, RenderedFolder } from './plan.ts';

interface PlannedObject {
  readonly desired: DesiredObject;
  readonly indexed: IndexedObject;
  readonly isNew: boolean;
}

/** A folder that a tool renders: nothing is new, and no tool is started, unless an input changed. */
export async function renderWhole(request: FolderRequest, type: UnitRequest['type']): Promise<RenderedFolder> {
  const { before, repository, root, oid, path } = request;
  if (before?.unit?.type === type && (await isUnchanged(before.unit.lookups, repository, root))) {
    const folder = { ...before, oid, unit: { ...before.unit, root } };
    return { objects: [], errors: [], plan: () => Promise.resolve({ folder, changed: [], errors: [], hasNewHooks: false }) };
  }
  const rendered = await renderUnit(request, { type, root, path });
  const errors = [...rendered.result.errors, ...emptyError(rendered, request)];
  const objects = allOf(rendered);
  return { objects, errors, plan: (context) => planRendered(request, { rendered, objects, type }, context) };
}

interface UnitResult {
  readonly rendered: RenderedUnit;
  readonly objects: readonly RenderedObject[];
  readonly type: UnitRequest['type'];
}

async function planRendered(request: FolderRequest, { rendered, objects, type }: UnitResult, context: DesiredContext): Promise<FolderPlan> {
  const { path, oid, root, repository, revision, previous, before, signal } = request;
  const commit = await findNewest({
    repository, revision, files: [...rendered.inputs.files.values()].map((file) => ({ ...file, kind: 'file' })), signal,
    ...(previous && before ? { since: previous.revision } : {}),
  });
  const hooks = objects.filter(({ object }) => hookOf(object));
  const awaited = objects.filter(({ object }) => isAwaited(object, context.scheme));
  const results = await Promise.all(objects.filter((object) => !hooks.includes(object) && !awaited.includes(object)).map(async (object) => {
    const desired = desiredObject(object, commit, context);
    return 'identity' in desired ? planObject(desired, { request, context, commit }) : desired;
  }));
  const planned = results.filter((result) => 'desired' in result);
  const digest = hooks.length > 0 ? digestOf(hooks.map(({ object }) => object)) : undefined;
  return {
    folder: { path, oid, files: filesOf(planned, commit), unit: { type, root, lookups: rendered.lookups, awaited: awaited.map(awaitedObject), ...(digest === undefined ? {} : { hooks: digest }) } },
    changed: planned.flatMap(({ desired, isNew }) => (isNew ? [desired] : [])),
    errors: [...results.filter((result) => 'reason' in result), ...hooks.flatMap((hook) => hookErrors(hook, context))],
    hasNewHooks: before?.unit !== undefined && before.unit.hooks !== digest,
  };
}

/** The objects of an applied unit with these names, as they were applied; for drift. */
export async function desiredOfUnit(index: ApplicationIndex, folder: IndexedFolder, wanted: ReadonlySet<Identity>, request: PlanRequest): Promise<readonly DesiredObject[]> {
  const rendered = await renderIndexed(folder, request);
  return rendered.filter(({ object }) => !hookOf(object)).flatMap((object) => {
    const found = desiredObject(object, { commit: index.revision, author: '' }, request);
    const provenance = 'identity' in found ? index.objects.get(found.identity)?.provenance : undefined;
    const desired = provenance ? desiredObject(object, provenance, request) : undefined;
    return desired && 'identity' in desired && wanted.has(desired.identity) ? [desired] : [];
  });
}

/** All that an applied unit renders, hooks included; nothing for plain files. */
export async function renderIndexed({ path, unit }: IndexedFolder, request: PlanRequest): Promise<readonly RenderedObject[]> {
  return unit ? allOf(await renderUnit(request, { ...unit, path })) : [];
}

const allOf = ({ result }: RenderedUnit): readonly RenderedObject[] => [...result.objects, ...(result.hooks ?? [])];

function renderUnit({ repository, render, name, destinationNamespace, units, keys, signal }: PlanRequest, { type, root, path }: Pick<UnitRequest, 'type' | 'root' | 'path'>): Promise<RenderedUnit> {
  return units.render({ type, reader: repository, root, path, spec: render, release: { name: render.helm?.releaseName || name, namespace: destinationNamespace }, keys }, signal);
}

/** An object that came out as before keeps its commit, so that it is not written for the sake of an annotation. */
async function planObject(desired: DesiredObject, { request, context, commit }: { readonly request: FolderRequest; readonly context: DesiredContext; readonly commit: Provenance }): Promise<PlannedObject> {
  const { source, identity, resource, object } = desired;
  const digest = digestOf([source.path, source.object]);
  const before = request.previous?.objects.get(identity);
  const isSame = before?.digest === digest;
  const provenance = (isSame ? before?.provenance : before ? undefined : await request.recorded(desired)) ?? commit;
  const result = provenance === commit ? desired : desiredObject(source, provenance, context);
  return {
    desired: 'identity' in result ? result : desired, isNew: !isSame,
    indexed: { identity, entry: inventoryEntry(resource, object, source.path), line: source.line, provenance, digest },
  };
}

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item))).digest('base64');

function filesOf(planned: readonly PlannedObject[], provenance: Provenance): ReadonlyMap<string, IndexedFile> {
  const byPath = Map.groupBy(planned, ({ indexed }) => indexed.entry.path);
  return new Map([...byPath].map(([path, objects]) => [path, { path, oid: '', provenance, objects: objects.map(({ indexed }) => indexed), hasHooks: false }]));
}

/** A render that is empty by a mistake would prune everything. */
const emptyError = ({ result }: RenderedUnit, { path, hasInventory }: FolderRequest): readonly SyncError[] =>
  result.objects.length > 0 || result.errors.length > 0 || !hasInventory ? [] : [{ path, reason: 'EmptyRender', message: 'rendering gave no object; nothing is deleted for it: delete the Application if its objects shall go' }];
