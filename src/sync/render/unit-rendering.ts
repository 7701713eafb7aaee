import { createHash } from 'node:crypto';
import type { RenderSpec, RenderType } from '#api/headway/v1/types.ts';
import { HelmRenderer } from './helm/helm-renderer.ts';
import { KustomizeRenderer } from './kustomize/kustomize-renderer.ts';
import type { ClusterCapabilities, RenderResult, RenderUnit, UnitInputs, UnitRenderer } from './renderer.ts';
import { ClearReader, type Keys } from '../secrets/clear-reader.ts';
import { DecryptionError } from '../secrets/decryption-error.ts';
import type { ToolContext } from './tools/tool-context.ts';
import { InputError } from './unit/input-error.ts';
import { RenderCache } from './unit/render-cache.ts';
import { UnitTree, type Lookups, type TreeReader } from './unit/unit-tree.ts';

export interface UnitRequest {
  readonly type: Exclude<RenderType, 'Plain'>;
  readonly reader: TreeReader;
  /** Object id of the commit's root tree. */
  readonly root: string;
  readonly path: string;
  readonly spec: RenderSpec;
  readonly release: RenderUnit['release'];
  /** Of the application. Absent: it has none. */
  readonly keys?: Keys | undefined;
}

export interface RenderedUnit {
  readonly result: RenderResult;
  /** What the result rests on in the tree; see {@link Lookups}. */
  readonly lookups: Lookups;
  readonly inputs: UnitInputs;
}

export interface UnitRenderingOptions extends ToolContext {
  /** Asked once, when it is first needed. */
  readonly cluster: () => Promise<ClusterCapabilities>;
  readonly cache?: RenderCache;
}

/** Renders folders by tools; what was rendered before from the same inputs is not rendered again. */
export class UnitRendering {
  readonly #renderers: Readonly<Record<UnitRequest['type'], UnitRenderer>>;
  readonly #cluster: UnitRenderingOptions['cluster'];
  readonly #cache: RenderCache;

  constructor(options: UnitRenderingOptions) {
    this.#renderers = { Kustomize: new KustomizeRenderer(options), Helm: new HelmRenderer(options) };
    this.#cluster = options.cluster;
    this.#cache = options.cache ?? new RenderCache();
  }

  /** What a unit would be rendered from, found without starting its tool. */
  async inputs({ type, reader, root, path, spec, release }: UnitRequest): Promise<Omit<RenderedUnit, 'result'>> {
    const unit: RenderUnit = { path, tree: new UnitTree(reader, root), spec, release, clear: new ClearReader(undefined), cluster: await this.#cluster() };
    const inputs = await inputsOf(this.#renderers[type], unit);
    return { inputs, lookups: unit.tree.lookups };
  }

  async render({ type, reader, root, path, spec, release, keys }: UnitRequest, signal: AbortSignal): Promise<RenderedUnit> {
    const renderer = this.#renderers[type];
    const clear = new ClearReader(keys);
    const unit: RenderUnit = { path, tree: new UnitTree(reader, root), spec, release, clear, cluster: await this.#cluster() };
    const inputs = await inputsOf(renderer, unit);
    // Taken before rendering, which may look for origins.
    const lookups = new Map(unit.tree.lookups);
    if (inputs.errors.length > 0) return { result: { objects: [], errors: inputs.errors }, lookups, inputs };
    const hash = hashOf({ type, path, spec, release, cluster: unit.cluster, version: await renderer.version(), keys: keys && (await nameOf(keys)), files: [...inputs.files].sort() });
    const known = this.#cache.get(hash);
    if (known) return { result: known, lookups, inputs };
    const result = await clear.open(await renderer.render(unit, inputs, signal), release.namespace);
    // An error may have passed by the next time: a missing tool, a busy machine.
    if (result.errors.length === 0) this.#cache.set(hash, { result, bytes: sizeOf(result) });
    return { result, lookups, inputs };
  }
}

async function inputsOf(renderer: UnitRenderer, unit: RenderUnit): Promise<UnitInputs> {
  try {
    return await renderer.inputsOf(unit);
  } catch (error) {
    if (error instanceof InputError) return { files: new Map(), errors: [error.data] };
    throw error;
  }
}

/** What was rendered with other keys counts for nothing. Missing ones are told by the files that need them. */
async function nameOf(keys: Keys): Promise<string> {
  if (keys === 'Unavailable') return keys;
  try {
    return (await keys()).id;
  } catch (error) {
    if (error instanceof DecryptionError) return '';
    throw error;
  }
}

const hashOf = (parts: object): string => createHash('sha256').update(JSON.stringify(parts, bigintAsText)).digest('hex');
const sizeOf = ({ objects, hooks = [] }: RenderResult): number => [...objects, ...hooks].reduce((sum, { object }) => sum + JSON.stringify(object, bigintAsText).length * 2, 0);
const bigintAsText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
