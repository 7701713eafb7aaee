import { parseExactJson } from '#api/exact-json.ts';
import type { KubeObject } from '#api/object.ts';
import { withSource } from '#api/object-source.ts';
import { ownBytes, ownText } from '#base/own-memory.ts';
import type { GroupResource } from '#api/resource-type.ts';
import type { FormHolder, RecentForms } from './recent-forms.ts';
import { spliceVersion } from './splice-version.ts';
import type { CachedObject } from './watch-cache.ts';

/** Sorts by (namespace, name): NUL is below every character of a namespace. */
export const sortKey = (namespace: string, name: string): string => `${namespace}\0${name}`;

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

/** One state of one object: its text. Decoded and encoded when asked for, and for as long as it is asked for, for all readers. */
export class CachedEntry implements CachedObject, FormHolder {
  readonly sortKey: string;
  readonly revision: number;
  generation = -1;
  readonly #owner: EntryOwner;
  readonly #text: string;
  #object: KubeObject | undefined;
  #json: Buffer | undefined;

  constructor(owner: EntryOwner, { namespace, name, value, revision }: EntryOptions) {
    this.#owner = owner;
    this.sortKey = ownText(sortKey(namespace, name));
    this.revision = revision;
    this.#text = ownText(spliceVersion(value, revision));
  }

  get resource(): GroupResource {
    return this.#owner.resource;
  }

  /** Empty for objects without one. */
  get namespace(): string {
    return this.sortKey.slice(0, this.sortKey.indexOf('\0'));
  }

  /** Characters of its text. */
  get size(): number {
    return this.#text.length;
  }

  get object(): KubeObject {
    this.#owner.forms.touch(this);
    return (this.#object ??= withSource(parseExactJson(this.#text) as KubeObject, this));
  }

  json(): Buffer {
    this.#owner.forms.touch(this);
    return (this.#json ??= ownBytes(this.#textForClients()));
  }

  forget(): void {
    this.#object = undefined;
    this.#json = undefined;
  }

  #textForClients(): string {
    const { written } = this.#owner;
    if (written === undefined) return this.#text;
    const { object } = this;
    const whole = written(object);
    return whole === object ? this.#text : JSON.stringify(whole);
  }
}
