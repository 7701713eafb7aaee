import { posix } from 'node:path';
import type { Application, RenderType } from '#api/headway/v1/types.ts';
import { applicationFolders } from '../application/application-names.ts';
import { detectType } from '../render/detect.ts';
import type { RenderUnit } from '../render/renderer.ts';
import { UnitTree, type TreeReader } from '../render/unit/unit-tree.ts';
import type { IgnoreRules } from '../source/ignore-rules.ts';

/** One folder of an Application at one commit. */
export interface ApplicationUnit {
  readonly type: RenderType;
  /** From the repository's root; empty is the root. */
  readonly folder: string;
  /** Object id of the folder. */
  readonly oid: string;
  /** Files that a tool reads, outside of the folder too, by where they stand, with their object ids; empty for plain manifests. */
  readonly inputs: ReadonlyMap<string, string>;
}

export interface UnitsRequest {
  readonly application: Application;
  readonly repository: TreeReader;
  /** Of the Repository: files that are no manifests. */
  readonly ignore?: IgnoreRules | undefined;
}

/** How each of an Application's folders is rendered, and from what; folders that the commit does not have are left out. Starts no tool. */
export async function unitsOf({ application, repository, ignore }: UnitsRequest, rootTree: string): Promise<readonly ApplicationUnit[]> {
  const tree = new UnitTree(repository, rootTree);
  const units = await Promise.all(applicationFolders(application).map(async (folder) => {
    const entry = await tree.entry(folder);
    if (entry?.kind !== 'folder') return [];
    const spec = application.spec.render ?? {};
    const type = detectType((await tree.list(folder)).filter(({ name }) => !ignore?.ignores(joinPath(folder, name))), spec);
    return [{ type, folder, oid: entry.oid, inputs: await inputsOf(type, { tree, path: folder, spec }) }];
  }));
  return units.flat();
}

async function inputsOf(type: RenderType, unit: Pick<RenderUnit, 'tree' | 'path' | 'spec'>): Promise<ReadonlyMap<string, string>> {
  if (type === 'Plain') return new Map();
  const { files } = await (type === 'Helm' ? (await import('../render/helm/helm-inputs.ts')).helmInputs(unit) : (await import('../render/kustomize/kustomize-inputs.ts')).kustomizeInputs(unit));
  return new Map([...files.values()].map(({ path, oid }) => [path, oid]));
}

/** Equal for two commits under which the units are rendered to the same. */
export const fingerprintOf = (units: readonly ApplicationUnit[]): string =>
  JSON.stringify(units.map(({ type, folder, oid, inputs }) => (type === 'Plain' ? [type, folder, oid] : [type, folder, ...[...inputs].sort()])));

export const isInside = (folder: string, path: string): boolean => folder === '' || path === folder || path.startsWith(`${folder}/`);
export const outsideOf = ({ folder, inputs }: ApplicationUnit): readonly string[] => [...inputs.keys()].filter((path) => !isInside(folder, path));
export const joinPath = (folder: string, path: string): string => posix.join(folder === '' ? '.' : folder, path);
