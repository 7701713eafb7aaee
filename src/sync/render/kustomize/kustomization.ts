import { parse } from 'yaml';

/** In the order in which kustomize looks for them. */
export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** A file or folder that a kustomization (or the configuration of one of its plugins) names. */
export interface NamedInput {
  readonly path: string;
  /** Steps to the field that names it. */
  readonly field: readonly (string | number)[];
  /** `any`: a folder too, and then a kustomization of its own. `config`: a file that may name inputs itself. */
  readonly kind: 'file' | 'any' | 'config';
}

/** Fields by what they list. Inline YAML stands in some of them, and is told by its line breaks. */
const LISTS: Readonly<Record<string, NamedInput['kind']>> = {
  resources: 'any', bases: 'any', components: 'any', crds: 'file', configurations: 'file',
  generators: 'config', transformers: 'config', validators: 'config', patchesStrategicMerge: 'file',
};
const PATHS_OF_ITEMS = ['patches', 'patchesJson6902', 'replacements'] as const;
const GENERATORS = ['configMapGenerator', 'secretGenerator'] as const;

export interface Kustomization {
  readonly inputs: readonly NamedInput[];
  /** Fields that ask for a chart. */
  readonly charts: readonly string[];
}

/** What a kustomization names; nothing for a text that is no YAML mapping, which kustomize itself will refuse. */
export function readKustomization(text: string): Kustomization {
  const value = parseMap(text);
  const inputs = [
    ...Object.entries(LISTS).flatMap(([field, kind]) => texts(value[field]).filter(({ path }) => !path.includes('\n')).map(({ path, index }) => ({ path, kind, field: [field, index] }))),
    ...PATHS_OF_ITEMS.flatMap((field) => maps(value[field]).flatMap(({ map, index }) => file(map['path'], [field, index, 'path']))),
    ...GENERATORS.flatMap((field) => maps(value[field]).flatMap(({ map, index }) => generatorFiles(map, [field, index]))),
    ...file(isMap(value['openapi']) ? value['openapi']['path'] : undefined, ['openapi', 'path']),
  ];
  return { inputs, charts: ['helmCharts', 'helmChartInflationGenerator'].filter((field) => maps(value[field]).length > 0) };
}

/** Files that the configuration of a built-in plugin names. */
export function readPluginConfig(text: string): readonly NamedInput[] {
  const value = parseMap(text);
  return [...file(value['path'], ['path']), ...generatorFiles(value, [])];
}

function generatorFiles(map: Readonly<Record<string, unknown>>, field: readonly (string | number)[]): readonly NamedInput[] {
  const listed = ['files', 'envs'].flatMap((name) => texts(map[name]).map(({ path, index }) => ({ path: name === 'files' ? path.slice(path.indexOf('=') + 1) : path, kind: 'file' as const, field: [...field, name, index] })));
  return [...listed, ...file(map['env'], [...field, 'env'])];
}

const file = (path: unknown, field: readonly (string | number)[]): readonly NamedInput[] => (typeof path === 'string' && path !== '' ? [{ path, kind: 'file', field }] : []);
const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const maps = (value: unknown): readonly { readonly map: Readonly<Record<string, unknown>>; readonly index: number }[] =>
  (Array.isArray(value) ? value : []).flatMap((map: unknown, index) => (isMap(map) ? [{ map, index }] : []));
const texts = (value: unknown): readonly { readonly path: string; readonly index: number }[] =>
  (Array.isArray(value) ? value : []).flatMap((path: unknown, index) => (typeof path === 'string' ? [{ path, index }] : []));

function parseMap(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = parse(text, { version: '1.1', strict: false, uniqueKeys: false, logLevel: 'silent', maxAliasCount: 100 });
    return isMap(value) ? value : {};
  } catch {
    return {};
  }
}
