import { posix } from 'node:path';
import { PATH_ANNOTATION, type Application } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { decodeText, MAX_FILE_BYTES } from '../../render/text.ts';
import { UnitTree } from '../../render/unit/unit-tree.ts';
import type { GitRepository } from '../../source/git-repository.ts';
import { isInside, joinPath, unitsOf, type ApplicationUnit } from '../application-units.ts';
import type { IgnoreRules } from '../../source/ignore-rules.ts';
import type { ValuesFile } from './helm-tracer.ts';
import { plainTracer } from './plain-tracer.ts';
import type { Tracer } from './tracer.ts';

export interface TracerRequest {
  readonly repository: Pick<GitRepository, 'commit' | 'tree' | 'blob'>;
  /** Full commit id. */
  readonly revision: string;
  readonly application: Application;
  /** Of the Repository: files that are no manifests. */
  readonly ignore?: IgnoreRules | undefined;
  readonly live: KubeObject;
}

/**
 * A tracer for an applied object, by the files that it was made of; undefined when the commit does not declare it (any more). Reads a few files, starts no
 * tool. What Kustomize and Helm need is loaded only for them: the command is to be quick.
 */
export async function loadTracer({ repository, revision, application, ignore, live }: TracerRequest): Promise<Tracer | undefined> {
  const path = live.metadata.annotations?.[PATH_ANNOTATION];
  if (path === undefined) return undefined;
  const { tree: root } = await repository.commit(revision);
  const tree = new UnitTree(repository, root);
  const { render = {} } = application.spec;
  const units = await unitsOf({ application, repository, ignore }, root);
  const unit = units.find(({ inputs }) => inputs.has(path)) ?? units.find(({ folder }) => isInside(folder, path));
  if (unit?.type === 'Plain') {
    const text = (await textsOf(tree, [path])).get(path);
    return text === undefined ? undefined : plainTracer({ path, text, variables: render.variables }, live);
  }
  if (unit?.type === 'Kustomize') return (await import('./kustomize-tracer.ts')).kustomizeTracer({ folder: unit.folder, texts: await textsOf(tree, [...unit.inputs.keys()]), spec: render.kustomize }, live);
  return unit && loadHelm(tree, unit, { template: path, application, live });
}

async function loadHelm(tree: UnitTree, { folder, inputs }: ApplicationUnit, { template, application, live }: { readonly template: string; readonly application: Application; readonly live: KubeObject }): Promise<Tracer> {
  const [{ readChart }, { helmTracer }] = await Promise.all([import('../../render/helm/chart.ts'), import('./helm-tracer.ts')]);
  const { valueFiles = [], values: inline } = application.spec.render?.helm ?? {};
  const texts = await textsOf(tree, [...inputs.keys()].filter((path) => !path.endsWith('.tgz')));
  const chart = template.split('/templates/', 1)[0] ?? folder;
  // A chart inside of the chart, or a local dependency of it.
  const name = chart === folder || folder === '' ? undefined : readChart(texts.get(joinPath(chart, 'Chart.yaml')) ?? '').name || posix.basename(chart);
  const ofParent: readonly ValuesFile[] = [...valueFiles.toReversed(), 'values.yaml'].map((file) => ({ path: joinPath(folder, file), ...(name === undefined ? {} : { prefix: name }) }));
  const values = [...ofParent, ...(name === undefined ? [] : [{ path: joinPath(chart, 'values.yaml') }])].filter(({ path }) => texts.has(path));
  return helmTracer({ template, texts, values, inline: name === undefined ? inline : undefined }, live);
}

/** Of the files that are text. */
async function textsOf(tree: UnitTree, paths: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const texts = await Promise.all(paths.map(async (path) => {
    const content = await tree.read(path, MAX_FILE_BYTES);
    const decoded = content && decodeText(content);
    return decoded && 'text' in decoded ? [[path, decoded.text] as const] : [];
  }));
  return new Map(texts.flat());
}
