import { API_SERVICES, ENDPOINT_SLICES, SERVICES } from '#api/resources.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { isStatus } from '#api/status-error.ts';
import { trackUpdate } from '#api/apply/managed-fields.ts';
import { formatTime } from '#base/clock.ts';
import type { Exposition } from '#base/exposition.ts';
import type { CacheEvent } from '#watchcache/watch-cache.ts';
import type { Environment } from '../environment.ts';
import { followResource } from '../storage/follow-resource.ts';
import { guaranteedUpdate } from '../storage/guaranteed-update.ts';
import { type ApiServiceObject, availableCondition, type RemoteService, withAvailability } from './api-service.ts';
import { checkRemote, type Check } from './availability.ts';

const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
/** A server that answers may have learned of new resources. */
const RECHECK_MS = 30_000;
/** One that does not is waited for. */
const RETRY_MS = 2_000;
const MANAGER = 'kube-apiserver';

export interface AvailabilityOptions {
  readonly env: Environment;
  /** Told of every check. */
  readonly onCheck: (remote: RemoteService, check: Check) => Promise<void>;
}

/**
 * Keeps the `Available` condition of remote APIServices: at every change of one, of its Service or of its endpoints, and from time to time.
 * Every API server runs one; they write by compare-and-set, and only what differs.
 */
export class AvailabilityController {
  readonly #options: AvailabilityOptions;
  readonly #timers = new Map<string, () => void>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  /** What was last looked at of each: what is written down here is no reason to look again. */
  readonly #seen = new Map<string, string>();
  /** Checks that found an API not available, by its name and why. */
  readonly #failures = new Map<string, { readonly labels: { readonly name: string; readonly reason: string }; value: number }>();
  #stops: readonly (() => void)[] = [];
  #isOver = false;

  constructor(options: AvailabilityOptions) {
    this.#options = options;
  }

  start(): void {
    const { env } = this.#options;
    const { apiServices } = env;
    apiServices.onChange(() => this.#lookAt(apiServices.remotes().filter((remote) => this.#isNew(remote))));
    this.#lookAt(apiServices.remotes());
    const follow = (resource: ResourceType, nameOf: (event: CacheEvent) => string | undefined): (() => void) => followResource({
      cache: env.cache, clock: env.clock, resource: groupResource(resource), onGap: () => this.#lookAt(apiServices.remotes()),
      onEvents: (events) => {
        if (apiServices.hasRemotes) for (const event of events) this.#changed(event.current.object.metadata.namespace ?? '', nameOf(event));
      },
    });
    this.#stops = [
      follow(SERVICES, ({ current }) => current.object.metadata.name), follow(ENDPOINT_SLICES, ({ current }) => current.object.metadata.labels?.[SERVICE_NAME_LABEL]),
    ];
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    for (const stop of [...this.#stops, ...this.#timers.values()]) stop();
    await Promise.all(this.#running.values());
  }

  /** Of all APIs, also of those that the server answers itself. */
  writeMetrics(out: Exposition): void {
    const all = this.#options.env.apiServices.all();
    out.gauge('aggregator_unavailable_apiservice', 'APIServices that are not available.', all.map((service) => ({ labels: { name: service.metadata.name }, value: availableCondition(service)?.status === 'True' ? 0 : 1 })));
    out.counter('aggregator_unavailable_apiservice_total', 'Checks that found an APIService not available, by reason.', [...this.#failures.values()]);
  }

  #countFailure(name: string, reason: string): void {
    const key = `${name} ${reason}`;
    const known = this.#failures.get(key) ?? { labels: { name, reason }, value: 0 };
    known.value += 1;
    this.#failures.set(key, known);
  }

  #changed(namespace: string, name: string | undefined): void {
    this.#lookAt(this.#options.env.apiServices.remotes().filter(({ service }) => service.namespace === namespace && service.name === name));
  }

  #isNew(remote: RemoteService): boolean {
    const text = JSON.stringify({ ...remote, isAvailable: undefined });
    if (this.#seen.get(remote.name) === text) return false;
    this.#seen.set(remote.name, text);
    return true;
  }

  #lookAt(remotes: readonly RemoteService[]): void {
    for (const { name } of remotes) this.#enqueue(name);
  }

  /** One check at a time for each; what changes meanwhile is looked at after it. */
  #enqueue(name: string): void {
    if (this.#isOver) return;
    this.#timers.get(name)?.();
    this.#timers.delete(name);
    if (this.#running.has(name)) return void this.#again.add(name);
    this.#running.set(name, this.#check(name).finally(() => {
      this.#running.delete(name);
      if (this.#again.delete(name)) this.#enqueue(name);
    }));
  }

  async #check(name: string): Promise<void> {
    const { env, onCheck } = this.#options;
    const remote = env.apiServices.remotes().find((r) => r.name === name);
    if (!remote) return void this.#seen.delete(name);
    const check = await checkRemote(env, remote);
    const isAvailable = check.availability.status === 'True';
    if (!isAvailable) this.#countFailure(name, check.availability.reason ?? '');
    try {
      await onCheck(remote, check);
      await this.#write(name, check);
    } catch (error) {
      if (!isStatus(error, 'NotFound')) env.log.warn('the availability of an API could not be written down', { apiService: name, error });
    }
    if (!this.#isOver) this.#timers.set(name, env.clock.after(isAvailable ? RECHECK_MS : RETRY_MS, () => this.#enqueue(name)));
  }

  async #write(name: string, { availability }: Check): Promise<void> {
    const { env } = this.#options;
    const present = env.apiServices.all().find((s) => s.metadata.name === name);
    if (!present || withAvailability(present, availability, '') === present) return;
    await guaranteedUpdate(env, { resource: API_SERVICES, namespace: '', name }, async ({ object }) => {
      const updated = withAvailability(object as ApiServiceObject, availability, formatTime(env.clock.now()));
      return updated === object ? { type: 'keep', object } : { type: 'put', object: trackUpdate(env.schema, API_SERVICES, { live: object, updated, manager: MANAGER, now: formatTime(env.clock.now()), subresource: 'status' }) };
    });
  }
}
