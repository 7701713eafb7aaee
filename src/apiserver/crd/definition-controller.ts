import { trackUpdate } from '#api/apply/managed-fields.ts';
import { BUILT_IN_RESOURCES, CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { groupResource, type ResourceType, storedResource } from '#api/resource-type.ts';
import { isStatus } from '#api/status-error.ts';
import { asError } from '#base/errors.ts';
import { formatTime } from '#base/clock.ts';
import type { Environment } from '../environment.ts';
import { isEqual } from '../storage/equality.ts';
import { followResource } from '../storage/follow-resource.ts';
import { guaranteedUpdate } from '../storage/guaranteed-update.ts';
import { planDeletion } from '../verbs/deletion.ts';
import { acceptNames, takenNames } from './accepted-names.ts';
import { CLEANUP_FINALIZER, type Definition, type DefinitionCondition, findCondition, withCondition } from './conditions.ts';

const MANAGER = 'kube-apiserver';
const DEFINITIONS = groupResource(CUSTOM_RESOURCE_DEFINITIONS);
const RETRY_MS = 1_000;

/**
 * Grants names, puts definitions in force, and clears away the objects of those that go. Every API server runs one: each reads the present
 * state and writes by compare-and-set, so that several do no harm, and one that starts anew goes on where another has ended.
 */
export class DefinitionController {
  readonly #env: Environment;
  readonly #storageType: (name: string) => ResourceType | undefined;
  readonly #queued = new Set<string>();
  /** Objects that go slowly are followed until the last one has gone. */
  readonly #followed = new Map<string, () => void>();
  readonly #retries = new Set<() => void>();
  #running: Promise<void> | undefined;
  #isOver = false;

  /** @param storageType of a definition that is in force */
  constructor(env: Environment, storageType: (name: string) => ResourceType | undefined) {
    this.#env = env;
    this.#storageType = storageType;
  }

  /** Something about the definition may have changed. */
  enqueue(name: string): void {
    if (this.#isOver) return;
    this.#queued.add(name);
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    for (const stop of [...this.#followed.values(), ...this.#retries]) stop();
    await this.#running;
  }

  async #run(): Promise<void> {
    // Whoever tells of an event shall not wait for what follows from it.
    await Promise.resolve();
    for (const name of this.#queued) {
      this.#queued.delete(name);
      if (!this.#isOver) await this.#tryReconcile(name);
    }
    this.#running = undefined;
  }

  async #tryReconcile(name: string): Promise<void> {
    try {
      await this.#reconcile(name);
    } catch (error) {
      if (isStatus(error, 'NotFound', 'Conflict')) return;
      this.#env.log.warn('a custom resource definition could not be brought up to date; it is tried again', { name, error: asError(error) });
      const cancel = this.#env.clock.after(RETRY_MS, () => {
        this.#retries.delete(cancel);
        this.enqueue(name);
      });
      this.#retries.add(cancel);
    }
  }

  async #reconcile(name: string): Promise<void> {
    const definition = this.#env.cache.get(DEFINITIONS, '', name)?.object as Definition | undefined;
    if (definition === undefined) return this.#unfollow(name);
    const isGoing = definition.metadata.deletionTimestamp !== undefined;
    if (!isGoing) return this.#grantNames(name);
    if (definition.metadata.finalizers?.includes(CLEANUP_FINALIZER)) await this.#clean(name, definition);
  }

  /** With the other definitions as they are now: nothing is granted twice by this server. */
  async #grantNames(name: string): Promise<void> {
    const plan = (live: Definition): Definition => {
      const all = this.#env.cache.list(DEFINITIONS).items.map((i) => i.object as Definition);
      return { ...live, status: acceptNames(live, takenNames(live, all, BUILT_IN_RESOURCES), this.#env.clock.now()) };
    };
    const present = this.#env.cache.get(DEFINITIONS, '', name)?.object as Definition | undefined;
    if (present !== undefined && !isEqual(plan(present), present)) await this.#write(name, plan);
  }

  async #clean(name: string, definition: Definition): Promise<void> {
    const type = this.#storageType(name);
    if (type === undefined) return this.#finish(name, { type: 'Terminating', status: 'False', reason: 'NeverEstablished', message: 'resource was never established' });
    const tell = (reason: string, message: string): Promise<void> =>
      this.#write(name, (live) => withTerminating(live, { type: 'Terminating', status: 'True', reason, message }, this.#env.clock.now()));
    const begin = (): Promise<void> => tell('InstanceDeletionInProgress', 'CustomResource deletion is in progress');
    // What has failed stays told until it succeeds.
    if (findCondition(definition, 'Terminating')?.reason !== 'InstanceDeletionFailed') await begin();
    const failure = await this.#deleteObjects(type);
    if (failure !== undefined) {
      await tell('InstanceDeletionFailed', `could not issue all deletes: ${failure.message}`);
      throw failure;
    }
    await begin();
    if (this.#env.cache.list(storedResource(type)).items.length > 0) return this.#follow(name, type);
    await this.#finish(name, { type: 'Terminating', status: 'False', reason: 'InstanceDeletionCompleted', message: 'removed all instances' });
  }

  /** The first failure, after all were tried: a conversion webhook that is gone keeps the objects of another version than the store's. */
  async #deleteObjects(type: ResourceType): Promise<Error | undefined> {
    await this.#env.cache.sync();
    const objects = this.#env.cache.list(storedResource(type)).items.map((i) => i.object.metadata);
    const tried = await Promise.allSettled(objects.filter((m) => m.deletionTimestamp === undefined).map(({ namespace = '', name }) => this.#deleteObject(type, namespace, name)));
    await this.#env.cache.sync();
    const failed = tried.find((t) => t.status === 'rejected');
    return failed && asError(failed.reason);
  }

  async #deleteObject(type: ResourceType, namespace: string, name: string): Promise<void> {
    try {
      await guaranteedUpdate(this.#env, { resource: type, namespace, name }, async ({ object }) => planDeletion(type, object, {}, this.#env.clock.now()));
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  #follow(name: string, type: ResourceType): void {
    if (this.#followed.has(name) || this.#isOver) return;
    const resource = storedResource(type);
    const look = (): void => {
      if (this.#env.cache.list(resource).items.length === 0) this.enqueue(name);
    };
    this.#followed.set(name, followResource({ cache: this.#env.cache, clock: this.#env.clock, resource, onEvents: look, onGap: look }));
  }

  #unfollow(name: string): void {
    this.#followed.get(name)?.();
    this.#followed.delete(name);
  }

  /** The finalizer goes, and with it the definition when it was the last one. */
  async #finish(name: string, condition: DefinitionCondition): Promise<void> {
    this.#unfollow(name);
    await this.#write(name, (live) => {
      const { finalizers = [], ...metadata } = live.metadata;
      const rest = finalizers.filter((f) => f !== CLEANUP_FINALIZER);
      return { ...withTerminating(live, condition, this.#env.clock.now()), metadata: rest.length === 0 ? metadata : { ...metadata, finalizers: rest } };
    });
  }

  async #write(name: string, change: (live: Definition) => Definition): Promise<void> {
    await guaranteedUpdate(this.#env, { resource: CUSTOM_RESOURCE_DEFINITIONS, namespace: '', name }, async ({ object }) => {
      const live = object as Definition;
      const updated = change(live);
      if (isEqual(updated, live)) return { type: 'keep', object: live };
      if (live.metadata.deletionTimestamp !== undefined && (updated.metadata.finalizers ?? []).length === 0) return { type: 'remove', last: live };
      const tracked = trackUpdate(this.#env.schema, CUSTOM_RESOURCE_DEFINITIONS, { live, updated, manager: MANAGER, subresource: 'status', now: formatTime(this.#env.clock.now()) });
      return { type: 'put', object: tracked };
    });
  }
}

const withTerminating = (live: Definition, condition: DefinitionCondition, nowMs: number): Definition =>
  ({ ...live, status: { ...live.status, conditions: withCondition(live.status?.conditions ?? [], condition, nowMs) } });
