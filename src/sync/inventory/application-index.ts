import type { InventoryEntry } from '#api/headway/v1/types.ts';
import type { Provenance } from '../diff/provenance.ts';
import type { UnitRequest } from '../render/unit-rendering.ts';
import type { Lookups } from '../render/unit/unit-tree.ts';
import type { Identity } from './identity.ts';

/** What an application has, or may have. */
export type Inventory = ReadonlyMap<Identity, { readonly entry: InventoryEntry }>;

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

/** An object that is left out until its kind is served. */
export interface AwaitedObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** `Gadget one (apps/one.yaml:3)`. */
  readonly place: string;
}

/** How the objects were made when a tool rendered the whole folder. */
export interface IndexedUnit {
  readonly type: UnitRequest['type'];
  /** Object id of the root tree that was rendered. */
  readonly root: string;
  readonly lookups: Lookups;
  /** Of the hooks that were rendered; undefined when there are none. */
  readonly hooks?: string;
  readonly awaited: readonly AwaitedObject[];
}

/** A manifest file as it was last applied. The objects themselves are rendered again when they are needed. */
export interface IndexedFile {
  readonly path: string;
  readonly oid: string;
  readonly provenance: Provenance;
  readonly objects: readonly IndexedObject[];
  /** Whether it declares hooks. */
  readonly hasHooks: boolean;
  /** Default: none. */
  readonly awaited?: readonly AwaitedObject[];
}

/** One folder of an application, plain or rendered as a whole. */
export interface IndexedFolder {
  readonly path: string;
  /** Its object id. */
  readonly oid: string;
  /** By the file that declares them; of a unit, by the file that they come from. */
  readonly files: ReadonlyMap<string, IndexedFile>;
  /** Undefined for plain files. */
  readonly unit?: IndexedUnit;
}

/** Where an object is declared. */
export interface IndexedPlace {
  readonly folder: IndexedFolder;
  readonly file: IndexedFile;
}

/** What an application consists of at one commit: file to objects, and object to file. Immutable. */
export class ApplicationIndex {
  readonly revision: string;
  readonly folders: readonly IndexedFolder[];
  #byIdentity: ReadonlyMap<Identity, IndexedObject> | undefined;

  constructor({ revision, folders }: { readonly revision: string; readonly folders: readonly IndexedFolder[] }) {
    this.revision = revision;
    this.folders = folders;
  }

  /** The same objects as of another commit, which left all of them alone. */
  at(revision: string, rootTree: string): ApplicationIndex {
    const folders = this.folders.map((folder) => (folder.unit ? { ...folder, unit: { ...folder.unit, root: rootTree } } : folder));
    const index = new ApplicationIndex({ revision, folders });
    index.#byIdentity = this.#byIdentity;
    return index;
  }

  folder(path: string): IndexedFolder | undefined {
    return this.folders.find((folder) => folder.path === path);
  }

  get objects(): ReadonlyMap<Identity, IndexedObject> {
    return (this.#byIdentity ??= new Map(this.folders.flatMap(({ files }) => [...files.values()].flatMap(({ objects }) => objects.map((object) => [object.identity, object] as const)))));
  }

  placeOf(identity: Identity): IndexedPlace | undefined {
    const object = this.objects.get(identity);
    for (const folder of object ? this.folders : []) {
      const file = folder.files.get(object?.entry.path ?? '');
      if (object && file?.objects.includes(object)) return { folder, file };
    }
    return undefined;
  }

  get awaited(): readonly AwaitedObject[] {
    return this.folders.flatMap(({ files, unit }) => [...(unit?.awaited ?? []), ...[...files.values()].flatMap(({ awaited = [] }) => awaited)]);
  }

  /** In path order, as status.inventory holds it. */
  inventory(): readonly InventoryEntry[] {
    const files = this.folders.flatMap((folder) => [...folder.files.values()]);
    return files.sort((a, b) => (a.path < b.path ? -1 : 1)).flatMap((file) => file.objects.map(({ entry }) => entry));
  }
}
