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
  readonly #owners = new Map<Identity, readonly NamespacedName[]>();
  /** Applications that were refused for objects of others. */
  readonly #waiting = new Map<Identity, Set<NamespacedName>>();
  readonly #observer: OwnersObserver;

  constructor(observer: OwnersObserver) {
    this.#observer = observer;
  }

  claim(key: NamespacedName, identity: Identity): void {
    const owners = this.#owners.get(identity);
    if (!owners?.includes(key)) this.#owners.set(identity, owners ? [...owners, key] : [key]);
  }

  release(key: NamespacedName, identity: Identity): void {
    const rest = (this.#owners.get(identity) ?? []).filter((owner) => owner !== key);
    if (rest.length > 0) this.#owners.set(identity, rest);
    else this.#owners.delete(identity);
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

  #wait(key: NamespacedName, identity: Identity, owner: NamespacedName): void {
    const waiting = this.#waiting.get(identity) ?? new Set();
    if (waiting.has(key)) return;
    this.#waiting.set(identity, waiting.add(key));
    this.#observer.onWanted(owner);
  }

  /** The same for who only asks. */
  holder(key: NamespacedName, identity: Identity): NamespacedName | undefined {
    return this.#owners.get(identity)?.find((candidate) => candidate !== key);
  }

  /** Whether another application was refused because of this one's claim. */
  isWanted(identity: Identity): boolean {
    return this.#waiting.has(identity);
  }
}
