import { EVENTS, EVENTS_V1, HORIZONTAL_POD_AUTOSCALERS, HORIZONTAL_POD_AUTOSCALERS_V1 } from '#api/resources.ts';
import { groupResource } from '#api/resource-type.ts';
import type { Schema } from '#api/schema.ts';
import type { Scheme } from '#api/scheme.ts';
import { toAutoscalerV1, toAutoscalerV2, V2 } from './autoscaler.ts';
import { CORE, toCoreEvent, toEventsV1 } from './events.ts';
import { FieldConversion } from './field-conversion.ts';
import { writtenForm } from './written-forms.ts';

/** Gives the built-in kinds with more than one form their conversions. Events of both groups lie in one place, in the form of core/v1. */
export function registerConversions(scheme: Scheme, schema: Schema): void {
  const autoscalers = { storedAs: groupResource(HORIZONTAL_POD_AUTOSCALERS), stored: V2, toStored: toAutoscalerV2 };
  scheme.register({ ...HORIZONTAL_POD_AUTOSCALERS, conversion: new FieldConversion({ ...autoscalers, toServed: toAutoscalerV2, written: writtenForm(schema, HORIZONTAL_POD_AUTOSCALERS) }) });
  scheme.register({ ...HORIZONTAL_POD_AUTOSCALERS_V1, conversion: new FieldConversion({ ...autoscalers, toServed: toAutoscalerV1, written: writtenForm(schema, HORIZONTAL_POD_AUTOSCALERS_V1) }) });
  scheme.register({ ...EVENTS_V1, conversion: new FieldConversion({ storedAs: groupResource(EVENTS), stored: CORE, toServed: toEventsV1, toStored: toCoreEvent, written: writtenForm(schema, EVENTS_V1) }) });
}
