import { goJson } from '#api/go-text.ts';
import type { JsonObject } from '#api/json.ts';
import { qualifiedName } from '#api/names.ts';
import type { WriteContext } from '../../call.ts';
import { sorted } from './decode-patch.ts';
import type { Hook } from './hook.ts';

type Audited = Pick<WriteContext, 'audit'>;

/** Kubernetes' annotations of an audit event; the second holds parts of objects, and is recorded only where objects are. */
const MUTATION = 'mutation.webhook.admission.k8s.io/';
export const PATCH_ANNOTATION = 'patch.webhook.admission.k8s.io/';
const FAILED_OPEN = { mutating: `failed-open.${MUTATION}`, validating: 'failed-open.validating.webhook.admission.k8s.io/' } as const;

/** Names one asking among those of a request. Rounds count from 0. */
export const placeOf = (round: number, index: number): string => `round_${round}_index_${index}`;

export function noteMutation({ audit }: Audited, place: string, { configuration, webhook }: Hook, mutated: boolean): void {
  audit?.(MUTATION + place, goJson({ configuration, webhook: webhook.name, mutated }));
}

export function notePatch({ audit }: Audited, place: string, { configuration, webhook }: Hook, patch: readonly JsonObject[]): void {
  audit?.(PATCH_ANNOTATION + place, goJson({ configuration, webhook: webhook.name, patch: patch.map(sorted), patchType: 'JSONPatch' }));
}

/** What a webhook says of its own; without a key that can be one it is not recorded. */
export function noteOwn({ audit }: Audited, webhook: string, key: string, value: string): void {
  if (qualifiedName(key).length === 0 && !key.includes('/')) audit?.(`${webhook}/${key}`, value);
}

/** The webhook gave no answer, and said that this shall not matter. */
export function noteFailedOpen({ audit }: Audited, place: string, { webhook }: Hook, isMutating: boolean): void {
  audit?.(FAILED_OPEN[isMutating ? 'mutating' : 'validating'] + place, webhook.name);
}
