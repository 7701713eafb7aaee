import type { NamespacedName } from '#api/object.ts';
import type { Identity } from './identity.ts';

/** Which applications declare an object: more than one only until the second has been refused. */
export class Owners {
  readonly #owners = new Map<Identity, readonly NamespacedName[]>();
  /** Applications that were refused for objects of others. */
  readonly #waiting = new Map<Identity, Set<NamespacedName>>();
  readonly #onReleased: (waiting: NamespacedName) => void;

  /** `onReleased`: an application may have an object that another one declared. */
  constructor(onReleased: (waiting: NamespacedName) => void) {
    this.#onReleased = onReleased;
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
    for (const other of waiting ?? []) this.#onReleased(other);
  }

  /** The other application that declares the object; who asks in vain is told when it is free. */
  other(key: NamespacedName, identity: Identity): NamespacedName | undefined {
    const owner = this.#owners.get(identity)?.find((candidate) => candidate !== key);
    if (owner !== undefined) this.#waiting.set(identity, (this.#waiting.get(identity) ?? new Set()).add(key));
    return owner;
  }
}
