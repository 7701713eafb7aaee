import type { MutatingWebhookConfiguration } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';
import type { Clock } from '#base/clock.ts';
import type { CelCompiler } from '#policy/cel.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { followResource } from '../../storage/follow-resource.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { type Hook, makeHook } from './hook.ts';
import { wantedVersion } from './rules.ts';

export interface WebhookIndexOptions {
  readonly cache: WatchCache;
  readonly compiler: CelCompiler;
  readonly plural: 'mutatingwebhookconfigurations' | 'validatingwebhookconfigurations';
}

const NONE: readonly Hook[] = [];

/**
 * The webhooks of all configurations of one kind, in the order of the configurations' names. Made anew when a configuration has changed;
 * which webhooks may want a write is then remembered for each resource, operation and subresource.
 */
export class WebhookIndex {
  readonly #cache: WatchCache;
  readonly #resource: string;
  readonly #compiler: CelCompiler;
  #hooks = NONE;
  #candidates = new WeakMap<ResourceType, Map<string, readonly Hook[]>>();
  #isStale = true;
  #stop: () => void = () => {};

  constructor({ cache, compiler, plural }: WebhookIndexOptions) {
    this.#cache = cache;
    this.#compiler = compiler;
    this.#resource = `${plural}.admissionregistration.k8s.io`;
  }

  start(clock: Clock): void {
    const onGap = (): void => {
      this.#isStale = true;
    };
    this.#stop = followResource({ cache: this.#cache, clock, resource: this.#resource, onEvents: onGap, onGap });
  }

  stop(): void {
    this.#stop();
  }

  /** Webhooks with a rule that may apply; their selectors and conditions are yet to be asked. */
  candidates({ operation, resource, subresource }: AdmissionRequest, scheme: Scheme): readonly Hook[] {
    if (this.#isStale) this.#rebuild();
    if (this.#hooks.length === 0) return NONE;
    let known = this.#candidates.get(resource);
    if (known === undefined) this.#candidates.set(resource, (known = new Map<string, readonly Hook[]>()));
    const key = `${operation}/${subresource}`;
    const found = known.get(key) ?? this.#hooks.filter(({ webhook }) => wantedVersion(webhook, { operation, resource, subresource }, scheme));
    known.set(key, found);
    return found;
  }

  #rebuild(): void {
    this.#isStale = false;
    this.#candidates = new WeakMap();
    const configurations = this.#cache.list(this.#resource).items.map((i) => i.object as MutatingWebhookConfiguration & KubeObject);
    const all = configurations.flatMap(({ metadata: { name: configuration }, webhooks = [] }) => webhooks.map((webhook, i) => ({ id: `${configuration}/${webhook.name}/${i}`, configuration, webhook })));
    this.#hooks = all.map(({ webhook, ...place }, index) => makeHook({ ...place, index }, webhook, this.#compiler));
  }
}
