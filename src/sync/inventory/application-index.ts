import type { InventoryEntry } from '#api/headway/v1/types.ts';
import type { Provenance } from '../diff/provenance.ts';
import type { Identity } from './identity.ts';

export interface IndexedObject {
  readonly identity: Identity;
  readonly entry: InventoryEntry;
  /** One-based line of the object in its file. */
  readonly line: number;
}

/** A manifest file as it was last applied. The objects themselves are rendered again when they are needed. */
export interface IndexedFile {
  readonly path: string;
  readonly oid: string;
  readonly provenance: Provenance;
  readonly objects: readonly IndexedObject[];
}

/** What an application consists of at one commit: file to objects, and object to file. Immutable. */
export class ApplicationIndex {
  readonly revision: string;
  /** Object id of the application's folder. */
  readonly folder: string;
  readonly files: ReadonlyMap<string, IndexedFile>;
  #byIdentity: ReadonlyMap<Identity, { readonly file: IndexedFile; readonly object: IndexedObject }> | undefined;

  constructor(options: { readonly revision: string; readonly folder: string; readonly files: ReadonlyMap<string, IndexedFile> }) {
    this.revision = options.revision;
    this.folder = options.folder;
    this.files = options.files;
  }

  get objects(): ReadonlyMap<Identity, { readonly file: IndexedFile; readonly object: IndexedObject }> {
    return (this.#byIdentity ??= new Map([...this.files.values()].flatMap((file) => file.objects.map((object) => [object.identity, { file, object }] as const))));
  }

  /** In path order, as status.inventory holds it. */
  inventory(): readonly InventoryEntry[] {
    return [...this.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)).flatMap((file) => file.objects.map(({ entry }) => entry));
  }
}
