import type { SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';

/** A file of the application's folder with its contents. */
export interface SourceFile {
  /** From the repository's root. */
  readonly path: string;
  readonly content: Buffer;
}

/** An object as a file declares it, nothing defaulted or added. */
export interface RenderedObject {
  readonly object: KubeObject;
  readonly path: string;
  /** One-based line of the document in the file. */
  readonly line: number;
  /** The line that sets a field of the API's errors (`spec.containers[0].image`), or the nearest there is. */
  readonly lineOf: (fieldPath: string) => number;
}

export interface RenderResult {
  readonly objects: readonly RenderedObject[];
  /** What is wrong with the files; with one error nothing of the commit is applied. */
  readonly errors: readonly SyncError[];
}

/** Turns files into objects. Pure: the same files give the same objects. */
export interface Renderer {
  /** Whether the file is an input at all; others are never read. `path` is relative to the application's folder. */
  accepts(path: string): boolean;
  render(file: SourceFile): RenderResult;
}
