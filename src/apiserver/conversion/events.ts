import type { JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';

export const CORE = 'v1';
export const EVENTS = 'events.k8s.io/v1';
/** Field of core/v1 and of events.k8s.io/v1; all others have one name in both. */
const NAMES: readonly (readonly [string, string])[] = [
  ['involvedObject', 'regarding'], ['message', 'note'], ['source', 'deprecatedSource'], ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'], ['count', 'deprecatedCount'], ['reportingComponent', 'reportingController'],
];
const TO_EVENTS: ReadonlyMap<string, string> = new Map(NAMES);
const TO_CORE: ReadonlyMap<string, string> = new Map(NAMES.map(([core, events]) => [events, core]));

export const toEventsV1 = (event: KubeObject): KubeObject => (event.apiVersion === EVENTS ? event : renamed(event, EVENTS, TO_EVENTS));
export const toCoreEvent = (event: KubeObject): KubeObject => (event.apiVersion === CORE ? event : renamed(event, CORE, TO_CORE));

function renamed(event: KubeObject, apiVersion: string, names: ReadonlyMap<string, string>): KubeObject {
  const fields = Object.entries(event as unknown as JsonObject).map(([name, value]): [string, unknown] => [names.get(name) ?? name, value]);
  return { ...Object.fromEntries(fields), apiVersion } as unknown as KubeObject;
}
