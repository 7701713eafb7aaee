import { formatTime, type Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Event } from '#api/generated/core/v1.ts';
import { EVENTS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { KubeObject } from '#api/object.ts';
import type { Client } from '#client/client.ts';
import type { EventRecorder } from './event-recorder.ts';

export interface EventRecorderOptions {
  readonly client: Client;
  /** `deployment-controller`, `kubelet`: source of the events. */
  readonly component: string;
  /** The node or host, when that matters. */
  readonly host?: string;
  readonly clock: Clock;
  readonly log: Logger;
}

type Happening = Parameters<EventRecorder['event']>[1];
interface Series {
  /** The Event object that counts the repeats; absent until it was created. */
  recorded?: Event;
  count: number;
  isWriting: boolean;
}

/** Distinct events that are remembered for counting; the oldest is forgotten, and would begin a new Event object. */
const MAX_SERIES = 2_048;

/** Repeats (same object, type, reason and message) raise `count` on one Event; those that come while a write runs share the next. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const all = new Map<string, Series>();
  return {
    event(regarding, happening) {
      const id = [regarding.kind, regarding.metadata.namespace, regarding.metadata.name, regarding.metadata.uid, happening.type, happening.reason, happening.message].join('\0');
      const series = all.get(id) ?? { count: 0, isWriting: false };
      all.delete(id);
      all.set(id, series);
      series.count += 1;
      if (all.size > MAX_SERIES) for (const oldest of all.keys()) { all.delete(oldest); break; }
      if (!series.isWriting) void write(options, series, regarding, happening);
    },
  };
}

async function write(options: EventRecorderOptions, series: Series, regarding: KubeObject, happening: Happening): Promise<void> {
  series.isWriting = true;
  try {
    for (let written = -1; written < series.count; ) {
      written = series.count;
      series.recorded = await record(options, series, regarding, happening);
    }
  } catch (error) {
    // The namespace is going away with all its events: nobody can read this one.
    if (!isStatus(error, 'NotFound', 'Forbidden')) options.log.warn('an event was not recorded', { reason: happening.reason, error });
  } finally {
    series.isWriting = false;
  }
}

async function record({ client, component, host, clock }: EventRecorderOptions, series: Series, regarding: KubeObject, happening: Happening): Promise<Event> {
  const time = formatTime(clock.now());
  const { recorded, count } = series;
  if (recorded) {
    const patched = await client.patch(EVENTS, recorded.metadata, { type: 'merge', body: { count, lastTimestamp: time } }).catch((error: unknown) => {
      // Events expire: the next repeat begins a new one.
      if (!isStatus(error, 'NotFound')) throw error;
    });
    if (patched) return patched;
  }
  const { apiVersion, kind, metadata } = regarding;
  const namespace = metadata.namespace || 'default';
  return client.create(EVENTS, {
    apiVersion: 'v1', kind: 'Event',
    metadata: { namespace, name: `${metadata.name.slice(0, 230)}.${eventSuffix(clock.now())}` },
    involvedObject: { apiVersion, kind, namespace: metadata.namespace, name: metadata.name, uid: metadata.uid, resourceVersion: metadata.resourceVersion },
    ...happening, count, firstTimestamp: time, lastTimestamp: time,
    source: { component, ...(host ? { host } : {}) }, reportingComponent: component, reportingInstance: host ?? '',
  });
}

/** Sixteen hexadecimal digits, as client-go names events; the random part keeps events of one millisecond apart. */
function eventSuffix(nowMs: number): string {
  const random = crypto.getRandomValues(new Uint8Array(3));
  return (BigInt(nowMs) * 1_000_000n).toString(16).slice(0, 10) + Buffer.from(random).toString('hex');
}
