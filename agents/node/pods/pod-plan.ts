import type { Container, Pod } from '#api/generated/core/v1.ts';
import { CONTAINER_HASH_ANNOTATION, containerHash } from '../containers/spec-hash.ts';
import type { RuntimeContainer, RuntimeSandbox } from '../runtime/container-runtime.ts';

/** What runs of one pod, and what its probes say. */
export interface PodView {
  readonly sandboxes: readonly RuntimeSandbox[];
  readonly containers: readonly RuntimeContainer[];
}

export interface PlanInput {
  readonly pod: Pod;
  readonly view: PodView;
  readonly now: number;
  /** Restart counts that the runtime no longer knows of. */
  readonly restarts: ReadonlyMap<string, number>;
  readonly isUnhealthy: (containerId: string) => boolean;
  readonly isStarted: (container: Container, containerId: string) => boolean;
  /** When a container that ended at `endedAt` may be started again. */
  readonly readyAt: (container: string, endedAt: number) => number;
}

export type PodAction =
  | { readonly kind: 'stop-sandbox'; readonly sandboxId: string }
  | { readonly kind: 'create-sandbox'; readonly attempt: number }
  | { readonly kind: 'kill'; readonly target: RuntimeContainer; readonly container: Container; readonly why: 'unhealthy' | 'changed' | 'finished' }
  | { readonly kind: 'start'; readonly container: Container; readonly attempt: number; readonly isRestart: boolean };

export interface PodPlan {
  readonly actions: readonly PodAction[];
  /** Containers held back after a failure, with the time when they may start. */
  readonly heldBack: ReadonlyMap<string, number>;
  /** Set when nothing will ever be started again. */
  readonly outcome?: 'Succeeded' | 'Failed';
}

export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

/** The newest instance of each container. */
export function newestByName(containers: readonly RuntimeContainer[]): ReadonlyMap<string, RuntimeContainer> {
  const newest = new Map<string, RuntimeContainer>();
  for (const c of containers) {
    const other = newest.get(c.name);
    if (!other || c.attempt > other.attempt || (c.attempt === other.attempt && c.createdAt > other.createdAt)) newest.set(c.name, c);
  }
  return newest;
}

export const newestSandbox = (view: PodView): RuntimeSandbox | undefined => view.sandboxes.toSorted((a, b) => b.attempt - a.attempt || b.createdAt - a.createdAt)[0];

/** What to do now so that the pod becomes what its spec says. Pure: the same input gives the same plan. */
export function planPod(input: PlanInput): PodPlan {
  const sandbox = newestSandbox(input.view);
  const outcome = outcomeOf(input);
  if (outcome) return { actions: sidecarEnd(input), heldBack: new Map(), outcome };
  if (!sandbox?.isReady) {
    const old = input.view.sandboxes.map((s) => ({ kind: 'stop-sandbox', sandboxId: s.id }) as const);
    return { actions: [...old, { kind: 'create-sandbox', attempt: sandbox ? sandbox.attempt + 1 : 0 }], heldBack: new Map() };
  }
  return planContainers(input, sandbox);
}

function planContainers(input: PlanInput, sandbox: RuntimeSandbox): PodPlan {
  const newest = newestByName(input.view.containers);
  const draft = { actions: [] as PodAction[], heldBack: new Map<string, number>() };
  const { initContainers = [], containers } = input.pod.spec;
  const current = (c: Container): RuntimeContainer | undefined => (newest.get(c.name)?.sandboxId === sandbox.id ? newest.get(c.name) : undefined);
  const areInitsDone = containers.some((c) => current(c) !== undefined);
  for (const container of initContainers) {
    const instance = current(container);
    if (!isSidecar(container)) {
      if (areInitsDone || (instance?.state === 'exited' && instance.exitCode === 0)) continue;
      keep(draft, input, container, instance, newest.get(container.name));
      return draft;
    }
    keep(draft, input, container, instance, newest.get(container.name));
    const isUp = instance?.state === 'running' && input.isStarted(container, instance.id);
    if (!isUp && !areInitsDone) return draft;
  }
  for (const container of containers) keep(draft, input, container, current(container), newest.get(container.name));
  return draft;
}

interface Draft {
  readonly actions: PodAction[];
  readonly heldBack: Map<string, number>;
}

function keep(draft: Draft, input: PlanInput, container: Container, instance: RuntimeContainer | undefined, last: RuntimeContainer | undefined): void {
  if (instance?.state === 'running') {
    const isChanged = (instance.annotations[CONTAINER_HASH_ANNOTATION] ?? containerHash(container)) !== containerHash(container);
    const why = isChanged ? 'changed' : input.isUnhealthy(instance.id) ? 'unhealthy' : undefined;
    if (why) draft.actions.push({ kind: 'kill', target: instance, container, why });
    return;
  }
  if (instance?.state === 'exited' && !mayRestart(input.pod, container, instance)) return;
  const attempt = Math.max(last ? last.attempt + 1 : 0, input.restarts.has(container.name) && !last ? (input.restarts.get(container.name) ?? 0) + 1 : 0);
  const readyAt = last?.state === 'exited' ? input.readyAt(container.name, last.finishedAt) : 0;
  if (readyAt > input.now) draft.heldBack.set(container.name, readyAt);
  else draft.actions.push({ kind: 'start', container, attempt, isRestart: last !== undefined });
}

export function mayRestart(pod: Pod, container: Container, ended: RuntimeContainer): boolean {
  if (isSidecar(container)) return true;
  const policy = pod.spec.restartPolicy ?? 'Always';
  const isInit = pod.spec.initContainers?.some((c) => c.name === container.name) ?? false;
  if (policy === 'Never') return false;
  return (policy === 'Always' && !isInit) || ended.exitCode !== 0;
}

function outcomeOf({ pod, view }: PlanInput): 'Succeeded' | 'Failed' | undefined {
  const newest = newestByName(view.containers);
  const hasEnded = (c: Container): boolean => {
    const instance = newest.get(c.name);
    return instance?.state === 'exited' && !mayRestart(pod, c, instance);
  };
  const failedInit = (pod.spec.initContainers ?? []).some((c) => hasEnded(c) && newest.get(c.name)?.exitCode !== 0);
  if (failedInit) return 'Failed';
  if (!pod.spec.containers.every(hasEnded)) return undefined;
  return pod.spec.containers.every((c) => newest.get(c.name)?.exitCode === 0) ? 'Succeeded' : 'Failed';
}

function sidecarEnd({ pod, view }: PlanInput): readonly PodAction[] {
  const newest = newestByName(view.containers);
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].toReversed().flatMap((container) => {
    const target = newest.get(container.name);
    return target?.state === 'running' ? [{ kind: 'kill', target, container, why: 'finished' } as const] : [];
  });
}
