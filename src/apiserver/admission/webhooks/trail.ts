import type { WriteContext } from '../../call.ts';
import type { Hook } from './hook.ts';

type Audited = Pick<WriteContext, 'audit'>;

/** Kubernetes' annotations of an audit event; the second holds parts of objects, and is recorded only where objects are. */
const MUTATION = 'mutation.webhook.admission.k8s.io/';
export const PATCH_ANNOTATION = 'patch.webhook.admission.k8s.io/';
const FAILED_OPEN = { mutating: `failed-open.${MUTATION}`, validating: 'failed-open.validating.webhook.admission.k8s.io/' } as const;

/** Names one asking among those of a request. Rounds count from 0. */
export const placeOf = (round: number, index: number): string => `round_${round}_index_${index}`;

export function noteMutation({ audit }: Audited, place: string, { configuration, webhook }: Hook, mutated: boolean): void {
  audit?.(MUTATION + place, JSON.stringify({ configuration, webhook: webhook.name, mutated }));
}

export function notePatch({ audit }: Audited, place: string, { configuration, webhook }: Hook, patch: unknown): void {
  audit?.(PATCH_ANNOTATION + place, JSON.stringify({ configuration, webhook: webhook.name, patch, patchType: 'JSONPatch' }));
}

/** The webhook gave no answer, and said that this shall not matter. */
export function noteFailedOpen({ audit }: Audited, place: string, { webhook }: Hook, isMutating: boolean): void {
  audit?.(FAILED_OPEN[isMutating ? 'mutating' : 'validating'] + place, webhook.name);
}
