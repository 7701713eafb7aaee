import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Client } from '#client/client.ts';
import type { InformerFactory } from '#client/informer.ts';
import type { QueueFactory } from '#queue/work-queue.ts';
import { createEventRecorder } from './create-event-recorder.ts';
import type { ControllerDefinition } from './reconciler.ts';
import { startController } from './start-controller.ts';

export interface StartControllersOptions {
  readonly definitions: readonly ControllerDefinition[];
  /** The client that acts as the controller's service account; see {@link controllerUser}. */
  readonly clientOf: (controller: string) => Client;
  readonly informers: InformerFactory;
  readonly queues: QueueFactory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly randomSuffix: (length: number) => string;
}

/** Starts each controller under its own identity; the caller starts the informers. */
export function startControllers({ definitions, clientOf, queues, ...shared }: StartControllersOptions): { stop(): Promise<void> } {
  const running = definitions.map((definition) => {
    const client = clientOf(definition.name);
    const events = createEventRecorder({ client, component: definition.name, clock: shared.clock, log: shared.log });
    return startController(definition, { ...shared, client, events }, queues);
  });
  return {
    async stop() {
      await Promise.all(running.map((controller) => controller.stop()));
    },
  };
}

/** `system:serviceaccount:kube-system:<controller>`: the identity that RBAC's bootstrap roles name. */
export const controllerUser = (controller: string): UserInfo => ({
  name: `system:serviceaccount:kube-system:${controller}`,
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
});
