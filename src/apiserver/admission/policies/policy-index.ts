import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { Clock } from '#base/clock.ts';
import type { MutationBinding } from '#policy/mutating/mutation-engine.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { followResource } from '../../storage/follow-resource.ts';

const GROUP = 'admissionregistration.k8s.io';
const VALIDATING = `validatingadmissionpolicies.${GROUP}`;
const VALIDATING_BINDINGS = `validatingadmissionpolicybindings.${GROUP}`;
const MUTATING = `mutatingadmissionpolicies.${GROUP}`;
const MUTATING_BINDINGS = `mutatingadmissionpolicybindings.${GROUP}`;

interface Indexed {
  readonly policies: readonly (ValidatingAdmissionPolicy & KubeObject)[];
  readonly bindings: readonly (ValidatingAdmissionPolicyBinding & KubeObject)[];
  /** In the order of the policies' names. */
  readonly mutations: readonly MutationBinding[];
}

const EMPTY: Indexed = { policies: [], bindings: [], mutations: [] };

/** The policies in force. Read anew when one has changed, so that a write in a cluster without policies costs one comparison. */
export class PolicyIndex {
  readonly #cache: WatchCache;
  #indexed = EMPTY;
  #isStale = true;
  #stops: readonly (() => void)[] = [];

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  start(clock: Clock): void {
    const onGap = (): void => {
      this.#isStale = true;
    };
    this.#stops = [VALIDATING, VALIDATING_BINDINGS, MUTATING, MUTATING_BINDINGS].map((resource) => followResource({ cache: this.#cache, clock, resource, onEvents: onGap, onGap }));
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
  }

  get current(): Indexed {
    if (this.#isStale) {
      this.#isStale = false;
      this.#indexed = { policies: this.#objects(VALIDATING), bindings: this.#objects(VALIDATING_BINDINGS), mutations: this.#mutations() };
    }
    return this.#indexed;
  }

  #mutations(): readonly MutationBinding[] {
    const bindings = this.#objects<MutatingAdmissionPolicyBinding & KubeObject>(MUTATING_BINDINGS);
    return this.#objects<MutatingAdmissionPolicy & KubeObject>(MUTATING).flatMap((policy) =>
      bindings.filter((b) => b.spec?.policyName === policy.metadata.name).map((binding) => ({ id: `${policy.metadata.name}/${binding.metadata.name}`, policy, binding })));
  }

  #objects<T extends KubeObject>(resource: string): readonly T[] {
    return this.#cache.list(resource).items.map((i) => i.object as T);
  }
}
