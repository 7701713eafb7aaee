import { isDeepStrictEqual } from 'node:util';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import type { Application, HealthOverride } from '#api/headway/v1/types.ts';
import { joinKey, keyOf, type KubeObject } from '#api/object.ts';
import { isSameResource } from '#api/resource-type.ts';
import { APPLICATIONS } from '#api/resources.ts';
import type { Scheme } from '#api/scheme.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import { amount } from '#base/amount.ts';
import type { Lister } from '#client/informer.ts';
import type { ApplicationIndex } from '../inventory/application-index.ts';
import { describe, entryApiVersion, type Identity } from '../inventory/identity.ts';
import type { LiveObjects } from '../live/live-objects.ts';
import type { Health, HealthStatus } from './health.ts';
import { compileOverrides, type HealthOverrides } from './overrides.ts';
import { healthOf } from './rules.ts';

interface Unhealthy {
  readonly health: Health;
  readonly namespace: string | undefined;
  /** `Deployment default/web (apps/web.yaml:3)`. */
  readonly place: string;
}

export interface ApplicationHealthOptions {
  readonly live: LiveObjects;
  readonly pods: Lister<Pod>;
  readonly scheme: Scheme;
  /** The application itself, as it is now. Its own health does not count where it declares itself. */
  readonly application: () => Application;
}

/** What the condition `Healthy` says. */
export interface HealthSummary extends Health {
  /** The status, unless something else is at fault. */
  readonly reason: HealthStatus | 'InvalidHealthExpression';
}

/** The health of an application's objects, kept current by looking only at those that changed. */
export class ApplicationHealth {
  readonly #live: LiveObjects;
  readonly #pods: Lister<Pod>;
  readonly #scheme: Scheme;
  readonly #unhealthy = new Map<Identity, Unhealthy>();
  readonly #marked = new Set<Identity>();
  readonly #application: () => Application;
  #overrides: { readonly spec: readonly HealthOverride[]; readonly compiled: HealthOverrides } = { spec: NONE, compiled: compileOverrides(NONE) };

  constructor(options: ApplicationHealthOptions) {
    this.#live = options.live;
    this.#pods = options.pods;
    this.#scheme = options.scheme;
    this.#application = options.application;
  }

  mark(identity: Identity): void {
    this.#marked.add(identity);
  }

  /** A pod of the namespace changed: whoever is not healthy there may be so because of it. */
  markNamespace(namespace: string): boolean {
    let any = false;
    for (const [identity, object] of this.#unhealthy) {
      if (object.namespace !== namespace) continue;
      this.#marked.add(identity);
      any = true;
    }
    return any;
  }

  /** The namespaces of which {@link markNamespace} finds something. */
  ailing(): ReadonlySet<string> {
    return new Set([...this.#unhealthy.values()].flatMap(({ namespace }) => namespace ?? []));
  }

  /** Looks at what was marked, and sums up. Objects that the index no longer has are forgotten. */
  summary(index: ApplicationIndex): HealthSummary {
    this.#takeOverrides(index);
    for (const identity of this.#unhealthy.keys()) if (!index.objects.has(identity)) this.#unhealthy.delete(identity);
    for (const identity of this.#marked) this.#look(identity, index);
    this.#marked.clear();
    const [problem] = this.#overrides.compiled.problems;
    if (problem !== undefined) return { status: 'Degraded', reason: 'InvalidHealthExpression', message: problem };
    for (const status of WORST_FIRST) {
      const affected = [...this.#unhealthy.values()].filter(({ health }) => health.status === status);
      if (affected.length > 0) return { status, reason: status, message: affected.map(({ place, health }) => `${place}: ${health.message}`).join('; ') };
    }
    return { status: 'Healthy', reason: 'Healthy', message: `${amount(index.objects.size, 'object')} ${index.objects.size === 1 ? 'is' : 'are'} healthy` };
  }

  /** Compiled once a spec; another one may judge every object otherwise. */
  #takeOverrides(index: ApplicationIndex): void {
    const spec = this.#application().spec.health ?? NONE;
    if (isDeepStrictEqual(spec, this.#overrides.spec)) return;
    this.#overrides = { spec, compiled: compileOverrides(spec) };
    for (const identity of index.objects.keys()) this.#marked.add(identity);
  }

  #look(identity: Identity, index: ApplicationIndex): void {
    this.#unhealthy.delete(identity);
    const found = index.objects.get(identity);
    if (!found) return;
    const { entry, line } = found;
    const resource = this.#scheme.byKind(entryApiVersion(entry), entry.kind);
    if (!resource) return;
    const key = joinKey(entry.namespace, entry.name);
    if (isSameResource(resource, APPLICATIONS) && key === keyOf(this.#application())) return;
    const live = this.#live.byKey(resource, key);
    const health = healthOf(resource, live, { pods: live ? this.#podsOf(live) : [] }, this.#overrides.compiled);
    if (health.status !== 'Healthy') this.#unhealthy.set(identity, { health, namespace: entry.namespace, place: `${describe(entry.kind, entry)} (${entry.path}:${line})` });
  }

  #podsOf(workload: KubeObject): readonly Pod[] {
    const selector = (workload as KubeObject & { readonly spec?: { readonly selector?: LabelSelector } }).spec?.selector;
    if (!selector?.matchLabels && !selector?.matchExpressions) return [];
    const matches = labelSelectorPredicate(selector);
    return this.#pods.list(workload.metadata.namespace ?? '').filter((pod) => matches(pod.metadata.labels ?? {}));
  }
}

const NONE: readonly HealthOverride[] = [];
const WORST_FIRST: readonly HealthStatus[] = ['Degraded', 'Missing', 'Progressing', 'Suspended'];
