import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import type { Client } from './client.ts';
import { Indexer } from './indexer.ts';
import type { Informer, InformerFactory } from './informer.ts';
import { runReflector } from './reflector.ts';
import { SharedInformer } from './shared-informer.ts';

export interface InformerFactoryOptions {
  /** All informers of the factory read as this client. */
  readonly client: Client;
  readonly log: Logger;
  readonly clock: Clock;
  /** Uniform in [0, 1), for jitter. Default Math.random. */
  readonly random?: () => number;
}

interface Selection { readonly namespace?: string; readonly fieldSelector?: string; readonly labelSelector?: string }
interface Entry { readonly informer: SharedInformer<KubeObject>; readonly run: (signal: AbortSignal) => void }

/** Informers asked for after the start begin at once. Nothing polls: an idle informer costs one open watch. */
export function createInformerFactory({ client, log, clock, random = Math.random }: InformerFactoryOptions): InformerFactory {
  const entries = new Map<string, Entry>();
  let running: AbortSignal | undefined;

  const add = <T extends KubeObject>(id: string, resource: ResourceType<T>, selection: Selection): SharedInformer<T> => {
    const informer = new SharedInformer(resource, new Indexer<T>());
    const run = (signal: AbortSignal): void => void runReflector({ client, informer, selection, log, clock, random }, signal);
    entries.set(id, { informer: informer as unknown as SharedInformer<KubeObject>, run });
    if (running) run(running);
    return informer;
  };

  return {
    informer<T extends KubeObject>(resource: ResourceType<T>, selection: Selection = {}): Informer<T> {
      const id = JSON.stringify([groupResource(resource), resource.version, selection.namespace, selection.fieldSelector, selection.labelSelector]);
      return (entries.get(id)?.informer as unknown as SharedInformer<T> | undefined) ?? add(id, resource, selection);
    },
    addIndex<T extends KubeObject>(informer: Informer<T>, name: string, values: (object: T) => readonly string[]): void {
      if (!(informer instanceof SharedInformer)) throw new TypeError('the informer was not made by this factory');
      (informer as SharedInformer<T>).lister.addIndex(name, values);
    },
    start(signal) {
      if (running) throw new Error('the informer factory was started already');
      running = signal;
      for (const { run } of entries.values()) run(signal);
    },
    async synced() {
      await Promise.all([...entries.values()].map(({ informer }) => informer.synced()));
    },
  };
}
