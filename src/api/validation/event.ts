import type { Problems } from './problems.ts';
import { immutable } from './object-meta.ts';
import type { Event as CoreEvent } from '#api/generated/core/v1.ts';
import type { Event } from '#api/generated/events/v1.ts';
import { dns1123Label, qualifiedName } from '#api/names.ts';

const MAX_REASON = 128;
const MAX_NOTE = 1024;
const MAX_INSTANCE = 128;

/** Events of objects without a namespace lie in `default`. */
export function validateCoreEvent(problems: Problems, event: CoreEvent): void {
  const { namespace } = event.metadata;
  const involved = event.involvedObject?.namespace ?? '';
  if (involved === '') {
    if (namespace !== 'default' && namespace !== 'kube-system') problems.invalid('involvedObject.namespace', involved, 'does not match event.namespace');
  } else if (namespace !== involved) problems.invalid('involvedObject.namespace', involved, 'does not match event.namespace');
  problems.check('metadata.namespace', namespace, dns1123Label);
}

export function validateEventCreate(problems: Problems, event: Event): void {
  const { namespace } = event.metadata;
  const regarding = event.regarding?.namespace ?? '';
  if (regarding === '' ? namespace !== 'default' && namespace !== 'kube-system' : namespace !== regarding) problems.invalid('involvedObject.namespace', regarding, 'does not match event.namespace');
  if (!event.eventTime) problems.required('eventTime');
  if (event.type !== 'Normal' && event.type !== 'Warning') problems.invalid('type', event.type ?? '', 'has invalid value: ');
  if (!event.reportingController) problems.required('reportingController');
  else problems.check('reportingController', event.reportingController, qualifiedName);
  if (!event.reportingInstance) problems.required('reportingInstance');
  else if (event.reportingInstance.length > MAX_INSTANCE) problems.invalid('reportingInstance', '', `can have at most ${MAX_INSTANCE} characters`);
  if (!event.action) problems.required('action');
  else if (event.action.length > MAX_REASON) problems.invalid('action', '', `can have at most ${MAX_REASON} characters`);
  if (!event.reason) problems.required('reason');
  else if (event.reason.length > MAX_REASON) problems.invalid('reason', '', `can have at most ${MAX_REASON} characters`);
  if ((event.note ?? '').length > MAX_NOTE) problems.invalid('message', '', `can have at most ${MAX_NOTE} characters`);
}

/** Of an event that has happened only the series goes on. */
export function validateEventUpdate(problems: Problems, now: Event, old: Event): void {
  for (const [name, field] of Object.entries(FIELDS) as [keyof Event, string][]) immutable(problems, field, now[name], old[name]);
}
const FIELDS: Readonly<Partial<Record<keyof Event, string>>> = {
  regarding: 'involvedObject', reason: 'reason', note: 'message', deprecatedSource: 'source', deprecatedFirstTimestamp: 'firstTimestamp', deprecatedLastTimestamp: 'lastTimestamp',
  deprecatedCount: 'count', type: 'type', eventTime: 'eventTime', action: 'action', related: 'related', reportingController: 'reportingController', reportingInstance: 'reportingInstance',
};
