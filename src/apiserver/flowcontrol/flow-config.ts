import { formatTime } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { FlowSchema, FlowSchemaCondition, PriorityLevelConfiguration } from '#api/generated/flowcontrol/v1.ts';
import { groupResource } from '#api/resource-type.ts';
import { FLOW_SCHEMAS, PRIORITY_LEVELS } from '#api/resources.ts';
import { SYSTEM_CONTEXT, writeBootstrapObjects } from '../bootstrap/bootstrap.ts';
import type { Environment } from '../environment.ts';
import { applyAcrossVersions } from '../registry/apply-across-versions.ts';
import { prepareUpdate } from '../registry/prepare-update.ts';
import { followResource } from '../storage/follow-resource.ts';
import { removeObject } from '../storage/commit.ts';
import { guaranteedUpdate } from '../storage/guaranteed-update.ts';
import { isUnwanted } from './autoupdate.ts';
import { FLOW_OBJECTS } from './bootstrap-objects.ts';
import type { FlowControl } from './flow-control.ts';

/** How long a deleted or changed mandatory object may stay so; Kubernetes' own interval. */
const MAINTAIN_INTERVAL_MS = 60_000;
const FIELD_MANAGER = 'api-priority-and-fairness-config-consumer-v1';

/** Keeps the objects as they should be, puts them in force, and tells in their status which of them dangle. */
export class FlowConfig {
  readonly #env: Environment;
  readonly #flow: FlowControl;
  readonly #stops: (() => void)[] = [];
  #cancelMaintenance: () => void = () => {};
  #isApplyDue = false;
  #isOver = false;

  constructor(env: Environment, flow: FlowControl) {
    this.#env = env;
    this.#flow = flow;
  }

  /** The cache must be ready and the objects written. */
  start(): void {
    const { cache, clock } = this.#env;
    for (const type of [FLOW_SCHEMAS, PRIORITY_LEVELS]) {
      this.#stops.push(followResource({ cache, clock, resource: groupResource(type), onEvents: () => this.#applySoon(), onGap: () => this.#applySoon() }));
    }
    this.#scheduleMaintenance();
  }

  stop(): void {
    this.#isOver = true;
    this.#cancelMaintenance();
    for (const stop of this.#stops.splice(0)) stop();
  }

  /** Many objects change together: one pass for all of them. */
  #applySoon(): void {
    if (this.#isApplyDue || this.#isOver) return;
    this.#isApplyDue = true;
    queueMicrotask(() => {
      this.#isApplyDue = false;
      if (!this.#isOver) this.#apply();
    });
  }

  #apply(): void {
    const schemas = this.#all<FlowSchema>(groupResource(FLOW_SCHEMAS));
    const levels = this.#all<PriorityLevelConfiguration>(groupResource(PRIORITY_LEVELS));
    this.#flow.configure(schemas, levels);
    const names = new Set(levels.map((level) => level.metadata.name));
    for (const schema of schemas) {
      const wanted = danglingCondition(schema, names);
      if (wanted) this.#writeCondition(schema.metadata.name, wanted).catch((error: unknown) => this.#failed('the status of a flow schema was not written', error));
    }
  }

  #all<T>(resource: string): readonly T[] {
    return this.#env.cache.list(resource).items.map((item) => item.object as unknown as T);
  }

  async #writeCondition(name: string, condition: FlowSchemaCondition): Promise<void> {
    const context = { ...SYSTEM_CONTEXT, fieldManager: FIELD_MANAGER };
    await guaranteedUpdate(this.#env, { resource: FLOW_SCHEMAS, namespace: '', name }, async (live) => {
      const object = live.object as FlowSchema;
      if (conditionEquals(object, condition)) return { type: 'keep', object };
      const now = formatTime(this.#env.clock.now());
      const { apiVersion, kind } = object;
      const applied = { apiVersion, kind, metadata: { name }, status: { conditions: [{ ...condition, lastTransitionTime: now }] } };
      const updated = await applyAcrossVersions(this.#env, FLOW_SCHEMAS, { live: object, applied, manager: FIELD_MANAGER, force: true, now, subresource: 'status' });
      return prepareUpdate(this.#env, { resource: FLOW_SCHEMAS, subresource: 'status', live: object, updated, context, isApplied: true });
    });
  }

  #scheduleMaintenance(): void {
    if (this.#isOver) return;
    this.#cancelMaintenance = this.#env.clock.after(MAINTAIN_INTERVAL_MS, () => {
      this.#maintain()
        .catch((error: unknown) => this.#failed('the objects of priority and fairness were not checked', error))
        .finally(() => this.#scheduleMaintenance());
    });
  }

  async #maintain(): Promise<void> {
    await writeBootstrapObjects(this.#env, FLOW_OBJECTS);
    const { cache, store } = this.#env;
    for (const type of [FLOW_SCHEMAS, PRIORITY_LEVELS]) {
      for (const { object, revision } of cache.list(groupResource(type)).items) if (isUnwanted(object)) await removeObject(store, type, object, revision);
    }
  }

  /** A schema may go while its status is written, and the store may be away: the next change or check tries again. */
  #failed(message: string, error: unknown): void {
    if (!this.#isOver) this.#env.log.debug(message, { error: asError(error) });
  }
}

/** Undefined when the status tells it already. */
function danglingCondition(schema: FlowSchema, levels: ReadonlySet<string>): FlowSchemaCondition | undefined {
  const { name } = schema.spec.priorityLevelConfiguration;
  const found = levels.has(name);
  const subject = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(name)}`;
  const wanted: FlowSchemaCondition = {
    type: 'Dangling', status: found ? 'False' : 'True', reason: found ? 'Found' : 'NotFound', message: found ? `${subject} and it exists` : `${subject} but there is no such object`,
  };
  return conditionEquals(schema, wanted) ? undefined : wanted;
}

function conditionEquals({ status }: FlowSchema, wanted: FlowSchemaCondition): boolean {
  const live = status?.conditions?.find((c) => c.type === wanted.type);
  return live?.status === wanted.status && live?.reason === wanted.reason && live?.message === wanted.message;
}
