import { posix } from 'node:path';
import { readFieldTree, type FieldNode } from '#api/field-tree.ts';
import type { KubeObject } from '#api/object.ts';
import { KUSTOMIZATION_NAMES } from '../../render/kustomize/kustomization.ts';

/** Text of a file of the unit, or undefined; folders have none. */
export type TextOf = (path: string) => string | undefined;

/** One kustomization and what it is asked about. */
export interface Layer {
  /** The file. */
  readonly path: string;
  readonly folder: string;
  readonly root: FieldNode;
  readonly textOf: TextOf;
  readonly live: KubeObject;
}

/** Undefined for a folder without a kustomization that can be read. */
export function readLayer(folder: string, textOf: TextOf, live: KubeObject): Layer | undefined {
  for (const name of KUSTOMIZATION_NAMES) {
    const path = posix.join(folder, name);
    const text = textOf(path);
    const root = text === undefined ? undefined : readFieldTree(text);
    if (root) return { path, folder, root, textOf, live };
  }
  return undefined;
}
