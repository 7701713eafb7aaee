import type { PriorityLevelConfiguration } from '#api/generated/flowcontrol/v1.ts';
import { goBool } from '#api/go-bool.ts';
import type { KubeObject } from '#api/object.ts';
import { AUTOUPDATE, FLOW_OBJECTS, MANDATORY } from './bootstrap-objects.ts';

export const isFlowObject = ({ kind }: KubeObject): boolean => kind === 'FlowSchema' || kind === 'PriorityLevelConfiguration';

/** What is stored, with the spec that the server wants, unless somebody has taken that over; the annotation says which. The shares of the exempt level are everybody's. */
export function autoupdated<T extends KubeObject & { readonly spec?: unknown }>(live: T, wanted: T): T {
  const isAuto = MANDATORY.has(live.metadata.name) || (givenTo(live) ?? live.metadata.generation === 1);
  const metadata = givenTo(live) === isAuto ? live.metadata : { ...live.metadata, annotations: { ...live.metadata.annotations, [AUTOUPDATE]: String(isAuto) } };
  const isExempt = (live as Partial<PriorityLevelConfiguration>).spec?.type === 'Exempt';
  return { ...live, metadata, spec: isAuto && !isExempt ? wanted.spec : live.spec };
}

/** Whether the server keeps the object, as an older one made it, though nobody wants it any more. What has finalizers is left to who deletes it. */
export const isUnwanted = (object: KubeObject): boolean =>
  givenTo(object) === true && (object.metadata.finalizers ?? []).length === 0 && !FLOW_OBJECTS.some(({ kind, metadata }) => kind === object.kind && metadata.name === object.metadata.name);

/** Who keeps the spec: true is the server; undefined when that is not said, or not understood. */
const givenTo = ({ metadata }: KubeObject): boolean | undefined => goBool(metadata.annotations?.[AUTOUPDATE] ?? '');
