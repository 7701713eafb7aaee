import type { RenderSpec, RenderType, SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import type { ClearReader } from '../secrets/clear-reader.ts';
import type { UnitTree } from './unit/unit-tree.ts';

/** A file of the application's folder with its contents. */
export interface SourceFile {
  /** From the repository's root. */
  readonly path: string;
  readonly content: Buffer;
}

/** An object as its files declare it, nothing defaulted or added. */
export interface RenderedObject {
  readonly object: KubeObject;
  /** The file that declares it, from the repository's root. */
  readonly path: string;
  /** One-based line of the document in the file; 1 when it cannot be told. */
  readonly line: number;
  /** The line that sets a field of the API's errors (`spec.containers[0].image`), or the nearest there is. */
  readonly lineOf: (fieldPath: string) => number;
  /** Hides what was decrypted for it in a text. Absent when nothing was. */
  readonly hide?: (text: string) => string;
}

/** An object that a chart runs at a point of a release's life rather than keeps. */
export interface RenderedHook extends RenderedObject {
  /** `pre-install`, `post-upgrade`, `test`, ... as the annotation `helm.sh/hook` has them. */
  readonly hooks: readonly string[];
}

export interface RenderResult {
  readonly objects: readonly RenderedObject[];
  /** What is wrong with the files; with one error nothing of the commit is applied. */
  readonly errors: readonly SyncError[];
  readonly hooks?: readonly RenderedHook[];
}

/** Files that are rendered one by one: each is a unit of its own. Pure: the same file gives the same objects. */
export interface FileRenderer {
  /** Whether the file is an input at all; others are never read. `path` is relative to the application's folder. */
  accepts(path: string): boolean;
  /** `variables` are substituted when given. */
  render(file: SourceFile, variables?: Readonly<Record<string, string>>): RenderResult;
}

/** What charts may ask about the cluster. */
export interface ClusterCapabilities {
  /** `v1.36.0`. */
  readonly kubeVersion: string;
  /** `apps/v1` and `apps/v1/Deployment`. */
  readonly apiVersions: readonly string[];
}

/** A folder that is rendered as a whole, by a tool. */
export interface RenderUnit {
  /** The folder, from the repository's root; empty is the root. */
  readonly path: string;
  /** The commit's tree; remembers what was looked up. */
  readonly tree: UnitTree;
  readonly spec: RenderSpec;
  readonly release: { readonly name: string; readonly namespace: string };
  readonly cluster: ClusterCapabilities;
  /** Decrypts its files. Absent: they are taken as they are. */
  readonly clear?: ClearReader;
}

export interface UnitInput {
  /** Where it stands in the repository. */
  readonly path: string;
  /** Object id of its contents. */
  readonly oid: string;
}

export interface UnitInputs {
  /** By the path at which the tool sees it, which is another one for a chart's local dependencies. */
  readonly files: ReadonlyMap<string, UnitInput>;
  readonly errors: readonly SyncError[];
}

export interface UnitRenderer {
  readonly type: Exclude<RenderType, 'Plain'>;
  /** What the tool may see, and what of it is missing or refused. Looks at the tree only. */
  inputsOf(unit: RenderUnit): Promise<UnitInputs>;
  /** Of the tool's version, for the name of a result in the cache; undefined when the tool is not installed. */
  version(): Promise<string | undefined>;
  /** Rejects only when aborted; whatever is wrong with the files or the tool is an error of the result. */
  render(unit: RenderUnit, inputs: UnitInputs, signal: AbortSignal): Promise<RenderResult>;
}
