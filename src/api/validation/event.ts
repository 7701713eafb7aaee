import type { Problems } from './problems.ts';
import { immutable } from './object-meta.ts';
import type { Event as CoreEvent } from '#api/generated/core/v1.ts';
import type { Event } from '#api/generated/events/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Subdomain, qualifiedName } from '#api/names.ts';

const MAX_REASON = 128;
const MAX_NOTE = 1024;
const MAX_INSTANCE = 128;
/** Of one event there is no series. */
const MIN_SERIES = 2;

/** What both versions of an event say, under the names of the new one. */
interface Told {
  readonly namespace: string | undefined;
  /** The namespace of the object that it tells of. */
  readonly involved: string | undefined;
  readonly eventTime: string | undefined;
  readonly reportingController: string | undefined;
  readonly reportingInstance?: string | undefined;
  readonly action?: string | undefined;
  readonly reason?: string | undefined;
  readonly note?: string | undefined;
}

export function validateCoreEvent(problems: Problems, event: CoreEvent): void {
  const { metadata: { namespace }, involvedObject, reportingComponent, message } = event;
  validateTold(problems, { ...event, eventTime: event.eventTime, namespace, involved: involvedObject?.namespace, reportingController: reportingComponent, note: message }, 'reportingComponent');
}

export function validateEvent(problems: Problems, event: Event): void {
  validateTold(problems, { ...event, namespace: event.metadata.namespace, involved: event.regarding?.namespace, reportingController: event.reportingController }, 'reportingController');
}

/** One with an `eventTime` is told in the new way, which says more. */
function validateTold(problems: Problems, event: Told, controllerField: string): void {
  const { namespace = '', involved = '' } = event;
  // Events of objects without a namespace lie where the cluster's own are.
  const own = event.eventTime ? ['default', 'kube-system'] : ['default'];
  if (involved === '' ? !own.includes(namespace) : namespace !== involved) problems.invalid('involvedObject.namespace', involved, 'does not match event.namespace');
  if (event.eventTime) validateNew(problems, event, controllerField);
  problems.check('namespace', namespace, dns1123Subdomain);
}

function validateNew(problems: Problems, event: Told, controllerField: string): void {
  const { reportingController = '', note = '' } = event;
  if (reportingController === '') problems.required(controllerField);
  problems.check(controllerField, reportingController, qualifiedName);
  checkLength(problems, 'reportingInstance', event.reportingInstance, MAX_INSTANCE);
  checkLength(problems, 'action', event.action, MAX_REASON);
  checkLength(problems, 'reason', event.reason, MAX_REASON);
  if (Buffer.byteLength(note) > MAX_NOTE) problems.invalid('message', '', `can have at most ${MAX_NOTE} characters`);
}

export function validateEventCreate(problems: Problems, event: Event): void {
  validateSeries(problems, event);
  if (!event.eventTime) problems.required('eventTime');
  if (event.type !== 'Normal' && event.type !== 'Warning') problems.invalid('type', '', `has invalid value: ${event.type ?? ''}`);
  for (const [name, field] of OLD_FIELDS) if (!isUnset(event[name])) problems.invalid(field, '', 'needs to be unset');
}

/** What only the old form says. */
const OLD_FIELDS = [['deprecatedFirstTimestamp', 'firstTimestamp'], ['deprecatedLastTimestamp', 'lastTimestamp'], ['deprecatedCount', 'count'], ['deprecatedSource', 'source']] as const;
const isUnset = (value: unknown): boolean => !value || (typeof value === 'object' && Object.keys(value).length === 0);

/** Bytes, though they are told as characters. */
function checkLength(problems: Problems, field: string, text: string | undefined, max: number): void {
  if (!text) problems.required(field);
  else if (Buffer.byteLength(text) > max) problems.invalid(field, '', `can have at most ${max} characters`);
}

function validateSeries(problems: Problems, { series }: Event): void {
  if (series === undefined) return;
  if ((series.count ?? 0) < MIN_SERIES) problems.invalid('series.count', '', `should be at least ${MIN_SERIES}`);
  if (!series.lastObservedTime) problems.required('series.lastObservedTime');
}

/** Of an event that has happened only the series goes on. */
export function validateEventUpdate(problems: Problems, now: Event, old: Event): void {
  if (!jsonEqual(now.series ?? null, old.series ?? null)) validateSeries(problems, now);
  for (const [name, field] of FIELDS) immutable(problems, field, now[name], old[name]);
}
/** Kubernetes looks at the reason twice. */
const FIELDS: readonly (readonly [keyof Event, string])[] = [
  ['regarding', 'involvedObject'], ['reason', 'reason'], ['note', 'message'], ['deprecatedSource', 'source'], ['deprecatedFirstTimestamp', 'firstTimestamp'], ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'], ['reason', 'reason'], ['type', 'type'], ['eventTime', 'eventTime'], ['action', 'action'], ['related', 'related'], ['reportingController', 'reportingController'], ['reportingInstance', 'reportingInstance'],
];
