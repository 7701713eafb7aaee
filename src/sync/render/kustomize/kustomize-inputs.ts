import { posix } from 'node:path';
import { findFieldLine } from '../field-lines.ts';
import type { RenderUnit, UnitInputs } from '../renderer.ts';
import { MAX_FILE_BYTES } from '../text.ts';
import { InputSet, type Reference } from '../unit/input-set.ts';
import { KUSTOMIZATION_NAMES, readKustomization, readPluginConfig, type NamedInput } from './kustomization.ts';

/** URLs and the short forms of go-getter. Only asked when nothing of that name is in the tree. */
const REMOTE = /^[a-z][a-z0-9+.-]*:\/\/|^[\w.-]+@[\w.-]+:|^(?:github\.com|gitlab\.com|bitbucket\.org)[/:]|\.git(?:\/|\?|$)|[?&]ref=|^git::/i;

/** Every file that kustomize will read for a folder: followed from kustomization to kustomization. */
export async function kustomizeInputs({ tree, path }: Pick<RenderUnit, 'tree' | 'path'>): Promise<UnitInputs> {
  const set = new InputSet(tree);
  await addKustomization(set, path, { path });
  return set.inputs;
}

async function addKustomization(set: InputSet, folder: string, from: Reference): Promise<void> {
  const files = (await Promise.all(KUSTOMIZATION_NAMES.map((name) => set.find(join(folder, name), () => from)))).filter((found) => found?.entry?.kind === 'file');
  if (files.length === 0) return set.fail(from, 'InputNotFound', `${folder === '' ? 'the root' : folder} has no kustomization.yaml, kustomization.yml or Kustomization`);
  for (const found of files) {
    if (!found?.entry || set.has(found.path)) continue;
    set.add(found.path, found.entry.oid);
    const text = (await set.tree.blob(found.entry.oid, found.path, MAX_FILE_BYTES)).toString();
    const { inputs, charts } = readKustomization(text);
    for (const field of charts) set.fail({ path: found.path, line: findFieldLine(text, [field]) }, 'UnsupportedChart', `${field}: charts inside a kustomization are not rendered; make an Application of the chart's folder`);
    for (const input of inputs) await addInput(set, folder, input, () => ({ path: found.path, line: findFieldLine(text, input.field) }));
  }
}

async function addInput(set: InputSet, folder: string, input: NamedInput, from: () => Reference): Promise<void> {
  if (input.path.startsWith('/')) return set.fail(from(), 'OutsideRepository', `${JSON.stringify(input.path)} is an absolute path; only files of the repository are read`);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(input.path)) return refuseRemote(set, input, from());
  const found = await set.find(join(folder, input.path), from);
  if (!found) return;
  const { path, entry } = found;
  if (!entry) return REMOTE.test(input.path) ? refuseRemote(set, input, from()) : set.fail(from(), 'InputNotFound', `the commit has no file ${path}`);
  if (entry.kind === 'folder') return input.kind === 'file' ? set.fail(from(), 'InputNotFound', `${path} is a folder; a file is needed`) : addKustomization(set, path, from());
  if (set.has(path)) return;
  set.add(path, entry.oid);
  if (input.kind !== 'config') return;
  const text = (await set.tree.blob(entry.oid, path, MAX_FILE_BYTES)).toString();
  for (const named of readPluginConfig(text)) await addInput(set, folder, named, () => ({ path, line: findFieldLine(text, named.field) }));
}

const refuseRemote = (set: InputSet, { path }: NamedInput, from: Reference): void =>
  set.fail(from, 'RemoteInput', `${JSON.stringify(path)} is not in the repository; nothing is fetched while rendering: vendor it`);
const join = (folder: string, path: string): string => posix.join(folder === '' ? '.' : folder, path);
