import type { Identity } from '../inventory/identity.ts';
import type { Drift } from './drift.ts';

/** How an object that has drifted was found to be. Its drift is undefined when the object is not there. */
export type Found = { readonly type: 'same' } | { readonly type: 'drifted'; readonly drift: Drift | undefined };

/**
 * What drifts where drift is told and not undone. Kubernetes takes a field from us once, when somebody first changes it: what drifted is looked at
 * again at each change, back to what Git says or away from it, until it is applied.
 */
export class ReportedDrift {
  readonly #found = new Map<Identity, Found>();

  /** Whether a change of the object may be one of its drift. */
  has(identity: Identity): boolean {
    return this.#found.has(identity);
  }

  add(found: ReadonlyMap<Identity, Found>): void {
    for (const [identity, how] of found) this.#found.set(identity, how);
  }

  /** They were applied, or are declared no more. */
  forget(identities: Iterable<Identity>): void {
    for (const identity of identities) this.#found.delete(identity);
  }

  /** What drifts now. */
  get present(): ReadonlyMap<Identity, Drift | undefined> {
    return new Map([...this.#found].flatMap(([identity, found]) => (found.type === 'drifted' ? [[identity, found.drift] as const] : [])));
  }
}
