import type { Container, LifecycleHandler } from '#api/generated/core/v1.ts';
import type { Clock } from '#base/clock.ts';
import { runHandler, type HandlerResult } from '../probes/run-handler.ts';
import type { ContainerRuntime } from '../runtime/container-runtime.ts';

export interface HookTarget {
  readonly container: Container;
  readonly containerId: string;
  readonly host: string;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  /** How long it may take. */
  readonly timeoutMs: number;
}

/** Runs a postStart or preStop hook to its end or its timeout. */
export async function runHook(hook: LifecycleHandler, target: HookTarget): Promise<HandlerResult> {
  const late = new AbortController();
  const timeout = target.clock.sleep(target.timeoutMs, late.signal).then(
    (): HandlerResult => ({ isSuccess: false, output: 'hook did not end in time' }),
    (): HandlerResult => ({ isSuccess: true, output: '' }),
  );
  const work = hook.sleep
    ? target.clock.sleep(hook.sleep.seconds * 1000, late.signal).then((): HandlerResult => ({ isSuccess: true, output: '' }), (): HandlerResult => ({ isSuccess: true, output: '' }))
    : runHandler(hook, { ...target, timeoutSeconds: Math.max(1, Math.ceil(target.timeoutMs / 1000)) });
  return Promise.race([work, timeout]).finally(() => late.abort());
}
