import { posix } from 'node:path';
import { findFieldLine } from '../field-lines.ts';
import type { RenderUnit, UnitInputs } from '../renderer.ts';
import { MAX_FILE_BYTES } from '../text.ts';
import { InputSet } from '../unit/input-set.ts';
import { normalize } from '../unit/unit-tree.ts';
import { readChart, type ChartDependency } from './chart.ts';

const MAX_DEPENDENCY_DEPTH = 10;
/** Older charts list their dependencies apart. */
const DEPENDENCY_FILES = ['Chart.yaml', 'requirements.yaml'] as const;

interface ChartPlace {
  /** In the repository. */
  readonly from: string;
  /** In the tree that helm sees. */
  readonly to: string;
  readonly depth: number;
}

/** The chart's folder, its `file://` dependencies (put under `charts/`, as `helm dependency build` would) and the values files. */
export async function helmInputs({ tree, path, spec }: Pick<RenderUnit, 'tree' | 'path' | 'spec'>): Promise<UnitInputs> {
  const set = new InputSet(tree);
  const chart = join(path, 'Chart.yaml');
  if ((await set.find(chart, () => ({ path: chart })))?.entry?.kind !== 'file') set.fail({ path }, 'InputNotFound', `${path === '' ? 'the root' : path} has no Chart.yaml`);
  else await addChart(set, { from: path, to: path, depth: 0 });
  for (const file of spec.helm?.valueFiles ?? []) {
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(file)) set.fail({ path }, 'RemoteInput', `spec.render.helm.valueFiles: ${JSON.stringify(file)} is not in the repository; nothing is fetched while rendering`);
    else await set.require(file.startsWith('/') ? file : join(path, file), () => ({ path }));
  }
  return set.inputs;
}

async function addChart(set: InputSet, place: ChartPlace): Promise<void> {
  await set.addFolder(place.from, place.to);
  for (const name of DEPENDENCY_FILES) {
    const path = join(place.from, name);
    const text = (await set.tree.read(path, MAX_FILE_BYTES))?.toString();
    if (text === undefined) continue;
    for (const dependency of readChart(text).dependencies) await addDependency(set, place, dependency, () => ({ path, line: findFieldLine(text, ['dependencies', dependency.index]) }));
  }
}

async function addDependency(set: InputSet, { from, to, depth }: ChartPlace, { name, repository }: ChartDependency, at: () => { readonly path: string; readonly line: number }): Promise<void> {
  const vendored = await set.tree.list(join(from, 'charts'));
  if (vendored.some((entry) => entry.name === name || entry.name.startsWith(`${name}-`)) || (repository === '' && vendored.length > 0)) return;
  if (!repository.startsWith('file://')) return set.fail(at(), 'RemoteDependency', `the chart needs ${JSON.stringify(name)} of ${repository || 'no repository'}, which is not under charts/; nothing is fetched while rendering: run "helm dependency build" and commit it`);
  if (depth === MAX_DEPENDENCY_DEPTH) return set.fail(at(), 'InputNotFound', `dependencies are nested more than ${MAX_DEPENDENCY_DEPTH} deep`);
  const found = await set.find(join(from, repository.slice('file://'.length)), at);
  if (!found) return;
  if (found.entry?.kind !== 'folder') return set.fail(at(), 'InputNotFound', `the commit has no folder ${found.path}`);
  await addChart(set, { from: found.path, to: join(to, `charts/${name}`), depth: depth + 1 });
}

/** Where a file that helm names stands in the repository: `chart/charts/sub/templates/x.yaml`, its first part being the chart's name. */
export async function sourceOf(named: string, { tree, path }: Pick<RenderUnit, 'tree' | 'path'>): Promise<string> {
  let folder = path;
  let rest = named.split('/').slice(1);
  for (let [charts, name] = rest; charts === 'charts' && name !== undefined && rest.length > 2; [charts, name] = rest) {
    const inside: string = join(folder, `charts/${name}`);
    const isVendored: boolean = (await tree.entry(inside)) !== undefined;
    const local: string | undefined = isVendored ? inside : await localDependency(tree, folder, name);
    if (local === undefined) return join(path, 'Chart.yaml');
    folder = local;
    rest = rest.slice(2);
  }
  const file = join(folder, rest.join('/'));
  return (await tree.entry(file)) ? file : join(path, 'Chart.yaml');
}

async function localDependency(tree: RenderUnit['tree'], folder: string, name: string): Promise<string | undefined> {
  for (const file of DEPENDENCY_FILES) {
    const text = (await tree.read(join(folder, file), MAX_FILE_BYTES))?.toString();
    const dependency = text === undefined ? undefined : readChart(text).dependencies.find((candidate) => candidate.name === name && candidate.repository.startsWith('file://'));
    if (dependency) return normalize(join(folder, dependency.repository.slice('file://'.length)), folder);
  }
  return undefined;
}

const join = (folder: string, path: string): string => posix.join(folder === '' ? '.' : folder, path);
