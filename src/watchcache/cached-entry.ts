import { parseExactJson } from '#api/exact-json.ts';
import { joinKey, splitKey, type KubeObject, type NamespacedName } from '#api/object.ts';
import { withSource } from '#api/object-source.ts';
import { ownBytes, ownText } from '#base/own-memory.ts';
import type { GroupResource } from '#api/resource-type.ts';
import type { FormHolder, RecentForms } from './recent-forms.ts';
import { spliceVersion } from './splice-version.ts';
import type { Segment, TextHolder } from './text-memory.ts';
import type { CachedObject } from './watch-cache.ts';

/** An object as its text has it for clients: itself when that says the same as what is stored. */
export type WrittenForm = (object: KubeObject) => KubeObject;
/** Undefined for resources whose objects are stored as clients get them. */
export type WrittenFormOf = (resource: GroupResource) => WrittenForm | undefined;

export interface EntryOptions {
  readonly namespace: string;
  readonly name: string;
  /** As it is stored. */
  readonly value: string;
  readonly revision: number;
}

/** What all entries of one resource share. */
export interface EntryOwner {
  readonly resource: GroupResource;
  readonly forms: RecentForms;
  readonly written?: WrittenForm | undefined;
}

/**
 * One state of one object: its bytes, which V8's heap need not hold, with room to grow besides, or where they lie in a file. Decoded when asked
 * for, and for as long as it is asked for, for all readers.
 */
export class CachedEntry implements CachedObject, FormHolder, TextHolder {
  readonly key: NamespacedName;
  readonly revision: number;
  readonly size: number;
  generation = -1;
  readonly #owner: EntryOwner;
  #text: Buffer | Segment;
  /** Where the text begins in its segment. */
  #start = 0;
  #object: KubeObject | undefined;
  /** Where clients get another form than the stored one. */
  #written: Buffer | undefined;

  constructor(owner: EntryOwner, { namespace, name, value, revision }: EntryOptions) {
    this.#owner = owner;
    this.key = ownText(joinKey(namespace, name));
    this.revision = revision;
    this.#text = ownBytes(spliceVersion(value, revision));
    this.size = this.#text.length;
  }

  get resource(): GroupResource {
    return this.#owner.resource;
  }

  /** Empty for objects without one. */
  get namespace(): string {
    return splitKey(this.key).namespace;
  }

  /** As it is stored, with its version. */
  get text(): Buffer {
    return Buffer.isBuffer(this.#text) ? this.#text : this.#text.file.read(this.#start, this.size);
  }

  get segment(): Segment | undefined {
    return Buffer.isBuffer(this.#text) ? undefined : this.#text;
  }

  spill(segment: Segment, start: number): void {
    this.#text = segment;
    this.#start = start;
  }

  recall(): void {
    this.#text = this.text;
  }

  get object(): KubeObject {
    this.#owner.forms.touch(this);
    return (this.#object ??= withSource(parseExactJson(this.text.toString()) as KubeObject, this));
  }

  json(): Buffer {
    const { written } = this.#owner;
    if (written === undefined) return this.text;
    this.#owner.forms.touch(this);
    return (this.#written ??= this.#writtenBytes(written));
  }

  forget(): void {
    this.#object = undefined;
    this.#written = undefined;
  }

  #writtenBytes(written: WrittenForm): Buffer {
    const { object } = this;
    const whole = written(object);
    return whole === object ? this.text : ownBytes(JSON.stringify(whole));
  }
}
