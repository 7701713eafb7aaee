import type { NamespacedName } from '#api/object.ts';
import type { Identity } from './identity.ts';

export interface OwnersObserver {
  /** An application may have an object that another one declared. */
  readonly onReleased: (waiting: NamespacedName) => void;
  /** Another application declares what this one has, too: what it no longer declares goes to that one. */
  readonly onWanted: (owner: NamespacedName) => void;
}

/** Which applications declare an object: more than one only until the second has been refused. */
export class Owners {
  readonly #first = new Map<Identity, NamespacedName>();
  /** In the order in which they came. */
  readonly #others = new Map<Identity, readonly NamespacedName[]>();
  /** Applications that were refused for objects of others. */
  readonly #waiting = new Map<Identity, Set<NamespacedName>>();
  readonly #observer: OwnersObserver;

  constructor(observer: OwnersObserver) {
    this.#observer = observer;
  }

  claim(key: NamespacedName, identity: Identity): void {
    const owners = this.#ownersOf(identity);
    if (!owners.includes(key)) this.#set(identity, [...owners, key]);
  }

  release(key: NamespacedName, identity: Identity): void {
    this.#set(identity, this.#ownersOf(identity).filter((owner) => owner !== key));
    const waiting = this.#waiting.get(identity);
    this.#waiting.delete(identity);
    for (const other of waiting ?? []) this.#observer.onReleased(other);
  }

  /** The other application that declares the object; who asks in vain is told when it is free. */
  other(key: NamespacedName, identity: Identity): NamespacedName | undefined {
    const owner = this.holder(key, identity);
    if (owner !== undefined) this.#wait(key, identity, owner);
    return owner;
  }

  /** The same for who only asks. */
  holder(key: NamespacedName, identity: Identity): NamespacedName | undefined {
    return this.#ownersOf(identity).find((candidate) => candidate !== key);
  }

  /** Whether another application was refused because of this one's claim. */
  isWanted(identity: Identity): boolean {
    return this.#waiting.has(identity);
  }

  #wait(key: NamespacedName, identity: Identity, owner: NamespacedName): void {
    const waiting = this.#waiting.get(identity) ?? new Set();
    if (waiting.has(key)) return;
    this.#waiting.set(identity, waiting.add(key));
    this.#observer.onWanted(owner);
  }

  #ownersOf(identity: Identity): readonly NamespacedName[] {
    const first = this.#first.get(identity);
    return first === undefined ? [] : [first, ...(this.#others.get(identity) ?? [])];
  }

  #set(identity: Identity, [first, ...others]: readonly NamespacedName[]): void {
    if (first === undefined) this.#first.delete(identity);
    else this.#first.set(identity, first);
    if (others.length === 0) this.#others.delete(identity);
    else this.#others.set(identity, others);
  }
}
