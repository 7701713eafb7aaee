import { API_SERVICES, BUILT_IN_RESOURCES, CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { groupResource } from '#api/resource-type.ts';
import type { KubeObject } from '#api/object.ts';
import { asError } from '#base/errors.ts';
import { formatTime } from '#base/clock.ts';
import type { Write } from '#store/object-store.ts';
import type { WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import { prepareCreate } from '../registry/prepare-create.ts';
import { commit } from '../storage/commit.ts';
import { followResource } from '../storage/follow-resource.ts';
import { keyFor } from '../storage/object-reader.ts';
import { storedWrite } from '../storage/object-write.ts';
import { type ApiServiceObject, LOCAL, withAvailability } from './api-service.ts';
import { prioritiesOf } from './priorities.ts';

const MANAGED_LABEL = 'kube-aggregator.kubernetes.io/automanaged';
/** What another version of the server has built in is left to it. */
const BUILT_IN = 'onstart';
const CUSTOM = 'true';
const GROUP = API_SERVICES.group;
/** Many definitions come at once; the first settles them all. */
const SETTLE_MS = 50;
const RETRY_MS = 1_000;
const MAX_ATTEMPTS = 8;

/** Keeps one APIService for each group version that this server answers itself: built-in ones and those of definitions. */
export class LocalServices {
  readonly #env: Environment;
  readonly #context: WriteContext = { user: { name: 'system:apiserver', groups: ['system:masters'] }, isOwn: true, dryRun: false, fieldManager: 'kube-apiserver', warn: () => {} };
  #stops: readonly (() => void)[] = [];
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #isOver = false;

  constructor(env: Environment) {
    this.#env = env;
  }

  async start(): Promise<void> {
    await this.#reconcile();
    const { cache, clock, apiServices } = this.#env;
    const later = (): void => this.#later(SETTLE_MS);
    apiServices.onChange(later);
    this.#stops = [followResource({ cache, clock, resource: groupResource(CUSTOM_RESOURCE_DEFINITIONS), onEvents: later, onGap: later })];
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    for (const stop of this.#stops) stop();
    this.#cancel?.();
    await this.#running;
  }

  #later(ms: number): void {
    if (this.#cancel || this.#isOver) return;
    this.#cancel = this.#env.clock.after(ms, () => {
      this.#cancel = undefined;
      this.#running = this.#tryReconcile();
    });
  }

  async #tryReconcile(): Promise<void> {
    try {
      await this.#reconcile();
    } catch (error) {
      this.#env.log.warn('the APIServices of this server could not be brought up to date; it is tried again', { error: asError(error) });
      this.#later(RETRY_MS);
    }
  }

  /** All in one transaction; other servers do the same. */
  async #reconcile(): Promise<void> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const writes = await this.#writes();
      if (writes.length === 0) return;
      const result = await commit(this.#env.store, writes);
      await this.#env.cache.sync();
      if (result.ok) return;
    }
    throw new Error('other writers kept changing the APIServices');
  }

  async #writes(): Promise<readonly Write[]> {
    const { cache, scheme } = this.#env;
    const present = new Map(cache.list(groupResource(API_SERVICES)).items.map((i) => [i.object.metadata.name, i]));
    const wanted = new Map(scheme.all().filter((r) => r.group !== GROUP).map((r) => [`${r.version}.${r.group}`, r]));
    const missing = [...wanted].filter(([name]) => !present.has(name)).map(([, r]) => this.#create(r.group, r.version));
    const stale = [...present].filter(([name, { object }]) => !wanted.has(name) && object.metadata.labels?.[MANAGED_LABEL] === CUSTOM);
    return [...(await Promise.all(missing)), ...stale.map(([name, { revision }]): Write => ({ type: 'delete', key: keyFor(API_SERVICES, '', name), expect: revision }))];
  }

  async #create(group: string, version: string): Promise<Write> {
    const isBuiltIn = BUILT_IN_RESOURCES.some((r) => r.group === group && r.version === version);
    const name = `${version}.${group}`;
    const sketch = {
      apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name, labels: { [MANAGED_LABEL]: isBuiltIn ? BUILT_IN : CUSTOM } },
      spec: { ...(group === '' ? {} : { group }), version, ...prioritiesOf(group, version) },
    } as KubeObject;
    const { object } = await prepareCreate(this.#env, API_SERVICES, sketch, this.#context);
    const available = withAvailability(object as ApiServiceObject, LOCAL, formatTime(this.#env.clock.now()));
    return storedWrite(API_SERVICES, 'put', available, 'absent');
  }
}
