import jsonPatch, { type Operation } from 'fast-json-patch';
import { isJsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { describe } from '../inventory/identity.ts';
import type { Restart } from './change-plan.ts';

/** More reasons than this are counted. */
const MAX_REASONS = 3;
const MAX_VALUE_LENGTH = 80;

interface Workload extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly parallelism?: number;
    readonly paused?: boolean;
    readonly strategy?: { readonly type?: string };
    readonly updateStrategy?: { readonly type?: string; readonly rollingUpdate?: { readonly partition?: number } };
    readonly template?: object;
  };
}

/** How many pods a workload asks for; undefined where the nodes decide. Of kinds without an entry no pods follow at once. */
const PODS: Readonly<Record<string, (spec: Workload['spec']) => number | undefined>> = {
  'apps/v1/Deployment': ({ replicas = 1 }) => replicas,
  'apps/v1/StatefulSet': ({ replicas = 1 }) => replicas,
  'apps/v1/ReplicaSet': ({ replicas = 1 }) => replicas,
  'apps/v1/DaemonSet': () => undefined,
  'batch/v1/Job': ({ parallelism = 1 }) => parallelism,
  'v1/Pod': () => 1,
};

/** What becomes of a workload's pods. Both states hold their defaults, so that one that is spelled out is no change. */
export function restartOf(before: KubeObject | undefined, after: KubeObject | undefined): Restart | undefined {
  const present = (after ?? before) as Workload | undefined;
  const podsOf = present && PODS[`${present.apiVersion}/${present.kind}`];
  if (!present || !podsOf) return undefined;
  const object = describe(present.kind, present.metadata);
  const pods = podsOf(present.spec);
  if (!before || !after) return pods === 0 ? undefined : { object, how: after ? 'started' : 'stopped', pods, reasons: [] };
  const [old, now] = [before as Workload, after as Workload];
  const reasons = reasonsFor(now.kind, templateOf(old), templateOf(now));
  if (reasons.length > 0 && now.kind !== 'ReplicaSet') return pods === 0 ? undefined : { object, ...rollout(now, pods), reasons };
  const former = podsOf(old.spec);
  return former === pods ? undefined : { object, how: 'scaled', pods, reasons: [`replicas: ${former} → ${pods}`] };
}

const templateOf = (workload: Workload): unknown => (workload.kind === 'Pod' ? workload : workload.spec.template);

function rollout({ spec, kind }: Workload, pods: number | undefined): Pick<Restart, 'how' | 'pods'> {
  const { strategy, updateStrategy, paused } = spec;
  if (paused || updateStrategy?.type === 'OnDelete') return { how: 'waiting', pods };
  if (strategy?.type === 'Recreate' || kind === 'Pod' || kind === 'Job') return { how: 'recreated', pods };
  // Pods below the partition keep the old template.
  return { how: 'replaced', pods: pods === undefined ? undefined : Math.max(0, pods - (updateStrategy?.rollingUpdate?.partition ?? 0)) };
}

/** What differs between two pod templates, in words: `image of container web: a → b`. */
function reasonsFor(kind: string, before: unknown, after: unknown): readonly string[] {
  const [old, now] = [byName(before), byName(after)];
  // Labels and annotations of a pod itself restart nothing.
  const operations = jsonPatch.compare(old as object, now as object).filter(({ path }) => kind !== 'Pod' || path.startsWith('/spec'));
  const reasons = operations.map((operation) => reasonOf(operation, old));
  return reasons.length <= MAX_REASONS + 1 ? reasons : [...reasons.slice(0, MAX_REASONS), `and ${reasons.length - MAX_REASONS} more`];
}

function reasonOf(operation: Operation, before: unknown): string {
  const steps = operation.path.split('/').slice(1).map(jsonPatch.unescapePathComponent);
  const place = steps.slice(steps[0] === 'spec' ? 1 : 0).join('.');
  const former = operation.op === 'add' ? undefined : jsonPatch.getValueByPointer(before, operation.path) as unknown;
  const value = 'value' in operation ? operation.value as unknown : undefined;
  if (operation.op === 'remove') return `${place} is gone`;
  return isShort(former) && isShort(value) ? `${place}: ${former === undefined ? '' : `${String(former)} → `}${String(value)}` : `${place} ${operation.op === 'add' ? 'is new' : 'changed'}`;
}

const isShort = (value: unknown): boolean => value === undefined || ((typeof value !== 'object' || value === null) && String(value).length <= MAX_VALUE_LENGTH);

/** Lists of named things by their names: a container that comes first changes none of the others. */
function byName(value: unknown): unknown {
  if (Array.isArray(value)) {
    const names = value.map((item) => (isJsonObject(item) ? item['name'] : undefined));
    const isNamed = names.every((name) => typeof name === 'string') && new Set(names).size === names.length && names.length > 0;
    return isNamed ? Object.fromEntries(value.map((item, i) => [names[i], byName(item)])) : value.map(byName);
  }
  return isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, byName(member)])) : typeof value === 'bigint' ? String(value) : value;
}
