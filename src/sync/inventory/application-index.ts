import type { InventoryEntry } from '#api/headway/v1/types.ts';
import type { Provenance } from '../diff/provenance.ts';
import type { UnitRequest } from '../render/unit-rendering.ts';
import type { Lookups } from '../render/unit/unit-tree.ts';
import type { Identity } from './identity.ts';

export interface IndexedObject {
  readonly identity: Identity;
  readonly entry: InventoryEntry;
  /** One-based line of the object in its file. */
  readonly line: number;
  /** Of objects of a unit: each has its own, as one file's objects need not change together. */
  readonly provenance?: Provenance;
  /** Of objects of a unit: what was rendered, to tell whether it is the same again. */
  readonly digest?: string;
}

/** How the objects were made when a tool rendered the whole folder. */
export interface IndexedUnit {
  readonly type: UnitRequest['type'];
  /** Object id of the root tree that was rendered. */
  readonly root: string;
  readonly lookups: Lookups;
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
  /** By the file that declares them; of a unit, by the file that they come from. */
  readonly files: ReadonlyMap<string, IndexedFile>;
  /** Undefined for plain files. */
  readonly unit: IndexedUnit | undefined;
  #byIdentity: ReadonlyMap<Identity, { readonly file: IndexedFile; readonly object: IndexedObject }> | undefined;

  constructor(options: { readonly revision: string; readonly folder: string; readonly files: ReadonlyMap<string, IndexedFile>; readonly unit?: IndexedUnit }) {
    this.revision = options.revision;
    this.folder = options.folder;
    this.files = options.files;
    this.unit = options.unit;
  }

  get objects(): ReadonlyMap<Identity, { readonly file: IndexedFile; readonly object: IndexedObject }> {
    return (this.#byIdentity ??= new Map([...this.files.values()].flatMap((file) => file.objects.map((object) => [object.identity, { file, object }] as const))));
  }

  /** The same of a commit that left all of it alone. */
  at(revision: string): ApplicationIndex {
    const { folder, files, unit } = this;
    const next = new ApplicationIndex({ revision, folder, files, ...(unit ? { unit } : {}) });
    next.#byIdentity = this.#byIdentity;
    return next;
  }

  /** In path order, as status.inventory holds it. */
  inventory(): readonly InventoryEntry[] {
    return [...this.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)).flatMap((file) => file.objects.map(({ entry }) => entry));
  }
}
