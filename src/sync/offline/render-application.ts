import type { Application, SyncError } from '#api/headway/v1/types.ts';
import type { Scheme } from '#api/scheme.ts';
import { applicationFolders } from '../application/application-names.ts';
import { misfitError } from '../application/plain-plan.ts';
import type { TreeFile } from '../diff/tree-diff.ts';
import { hookOf } from '../hooks/hook.ts';
import { detectType } from '../render/detect.ts';
import { KUSTOMIZATION_NAMES } from '../render/kustomize/kustomization.ts';
import { plainRenderer } from '../render/plain-renderer.ts';
import type { RenderResult } from '../render/renderer.ts';
import { MAX_FILE_BYTES } from '../render/text.ts';
import type { UnitRendering, UnitRequest } from '../render/unit-rendering.ts';
import { isUnchanged } from '../render/unit/unit-tree.ts';
import type { GitRepository } from '../source/git-repository.ts';
import { declareObject, type DeclaredObject } from './declare.ts';
import { declareHook } from './declare-hook.ts';
import type { RevisionFiles } from './revision-files.ts';

export interface Declared {
  readonly objects: readonly DeclaredObject[];
  /** Objects that a sync runs rather than keeps. */
  readonly hooks: readonly DeclaredObject[];
  readonly errors: readonly SyncError[];
}

export interface RenderRequest {
  readonly application: Application;
  readonly files: RevisionFiles;
  readonly scheme: Scheme;
  /** Which plain files are read, by their path from the repository's root. Default all. */
  readonly reads?: (path: string) => boolean;
}

const join = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

/** Renders applications at commits. The same file, or unit, is rendered once however many commits hold it. */
export class ApplicationRenderer {
  readonly #repository: GitRepository;
  readonly #units: UnitRendering;
  readonly #signal: AbortSignal;
  readonly #rendered = new Map<string, Promise<RenderResult>>();

  constructor(options: { readonly repository: GitRepository; readonly units: UnitRendering; readonly signal: AbortSignal }) {
    this.#repository = options.repository;
    this.#units = options.units;
    this.#signal = options.signal;
  }

  async render(request: RenderRequest): Promise<Declared> {
    const results = await Promise.all(applicationFolders(request.application).map((folder) => this.#renderFolder(folder, request)));
    const { application, scheme } = request;
    const rendered = results.flatMap(({ objects, hooks = [] }) => [...objects, ...hooks]);
    const declared = rendered.filter(({ object }) => !hookOf(object)).map((object) => declareObject(object, application, scheme));
    const hooks = rendered.filter(({ object }) => hookOf(object)).flatMap((hook) => declareHook(hook, application, scheme));
    return {
      objects: declared.filter((object) => 'identity' in object), hooks: hooks.filter((object) => 'identity' in object),
      errors: [...results.flatMap(({ errors }) => errors), ...[...declared, ...hooks].filter((object) => 'reason' in object)],
    };
  }

  /** Whether a commit gives an application the same inputs as another; plain files apart, which are compared one by one. */
  async hasSameUnits(application: Application, base: RevisionFiles, head: RevisionFiles): Promise<boolean> {
    for (const folder of applicationFolders(application)) {
      const [before, after] = [typeOf(application, folder, base), typeOf(application, folder, head)];
      if (before !== after || base.hasFolder(folder) !== head.hasFolder(folder)) return false;
      if (before === 'Plain') continue;
      const { lookups } = await this.#units.inputs(this.#unitRequest(before, folder, application, base));
      if (!(await isUnchanged(lookups, this.#repository, head.root))) return false;
    }
    return true;
  }

  async #renderFolder(folder: string, { application, files, reads = () => true }: RenderRequest): Promise<RenderResult> {
    if (!files.hasFolder(folder)) return { objects: [], errors: [{ path: folder, reason: 'PathNotFound', message: `the commit has no folder ${JSON.stringify(folder)}; nothing is deleted for it: delete the Application if its objects shall go` }] };
    const type = typeOf(application, folder, files);
    if (type !== 'Plain') return this.#renderUnit(this.#unitRequest(type, folder, application, files), reads);
    const wanted = files.below(folder).filter(({ path, kind }) => reads(path) && (kind === 'submodule' || plainRenderer.accepts(path.slice(folder === '' ? 0 : folder.length + 1))));
    const results = await Promise.all(wanted.map((file) => (file.kind === 'file' ? this.#renderFile(file, application) : { objects: [], errors: [misfitError(file)] })));
    return { objects: results.flatMap(({ objects }) => objects), errors: results.flatMap(({ errors }) => errors) };
  }

  #renderFile({ path, oid }: TreeFile, { spec }: Application): Promise<RenderResult> {
    const variables = spec.render?.variables;
    const key = JSON.stringify([path, oid, variables]);
    const rendered = this.#rendered.get(key) ?? this.#read(path, oid, variables);
    this.#rendered.set(key, rendered);
    return rendered;
  }

  async #read(path: string, oid: string, variables: Readonly<Record<string, string>> | undefined): Promise<RenderResult> {
    const blob = await this.#repository.blob(oid, MAX_FILE_BYTES);
    if (blob?.content) return plainRenderer.render({ path, content: blob.content }, variables);
    const problem = blob ? { reason: 'FileTooLarge', message: `the file has ${blob.size} bytes; at most ${MAX_FILE_BYTES} are read` } : { reason: 'ObjectNotFound', message: `object ${oid} is missing from the repository; a shallow or partial clone lacks it` };
    return { objects: [], errors: [{ path, ...problem }] };
  }

  /** A unit is rendered as a whole, or not at all when none of its inputs is asked for. */
  async #renderUnit(request: UnitRequest, reads: (path: string) => boolean): Promise<RenderResult> {
    const { inputs } = await this.#units.inputs(request);
    if (inputs.errors.length === 0 && !inputs.files.values().some(({ path }) => reads(path))) return { objects: [], errors: [] };
    return (await this.#units.render(request, this.#signal)).result;
  }

  #unitRequest(type: UnitRequest['type'], path: string, { spec, metadata }: Application, { root }: RevisionFiles): UnitRequest {
    const render = spec.render ?? {};
    return { type, path, root, reader: this.#repository, spec: render, release: { name: render.helm?.releaseName || metadata.name, namespace: spec.destinationNamespace || 'default' } };
  }
}

const typeOf = ({ spec }: Application, folder: string, files: RevisionFiles): ReturnType<typeof detectType> =>
  detectType([...KUSTOMIZATION_NAMES, 'Chart.yaml'].flatMap((name) => {
    const file = files.get(join(folder, name));
    return file ? [{ name, oid: file.oid, kind: file.kind }] : [];
  }), spec.render ?? {});
