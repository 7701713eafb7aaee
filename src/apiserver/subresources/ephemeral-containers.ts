import type { EphemeralContainer, Pod } from '#api/generated/core/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { invalid } from '#api/status-error.ts';
import { applyDefaults } from '#api/defaults/index.ts';
import { trackUpdate } from '#api/apply/managed-fields.ts';
import { validateUpdate } from '#api/validation/index.ts';
import { formatTime } from '#base/clock.ts';
import { writeContext, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { objectOutcome, type Outcome } from '../outcome.ts';
import { requireSameState } from '../registry/prepare-update.ts';
import { guaranteedUpdate } from '../storage/guaranteed-update.ts';
import { isEqual } from '../storage/equality.ts';
import { decodeBody, mediaTypeOf } from '../verbs/decode.ts';
import { changeOf, patched } from '../verbs/patch.ts';
import { admitSubresource } from './admit.ts';

const MIRROR = 'kubernetes.io/config.mirror';
type Containers = readonly EphemeralContainer[];

/** PUT and PATCH that add ephemeral containers to a pod; those that are there stay as they are. */
export async function writeEphemeralContainers(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const context = writeContext(call);
  const result = await guaranteedUpdate(env, { resource, namespace, name }, async ({ object }) => {
    const live = object as Pod & KubeObject;
    const sent = call.info.verb === 'patch' ? patched(env, call, changeOf(env, call, mediaTypeOf(call))(live)) : decodeBody(env, call);
    requireSameState(resource, sent, live, context);
    if (live.metadata.annotations?.[MIRROR] !== undefined) throw invalid(resource, name, [{ reason: 'FieldValueForbidden', field: '', message: 'Forbidden: static pods do not support ephemeral containers' }]);
    const { ephemeralContainers = [] } = (applyDefaults(resource, sent) as Pod).spec ?? {};
    const isAdded = ephemeralContainers.length > (live.spec?.ephemeralContainers ?? []).length;
    const metadata = isAdded ? { ...live.metadata, generation: (live.metadata.generation ?? 0) + 1 } : live.metadata;
    const wanted = { ...live, metadata, spec: { ...live.spec, ephemeralContainers } } as KubeObject;
    const updated = await admitSubresource(env, call.info, { operation: 'UPDATE', object: wanted, live, type: live, context });
    const causes = [...validateUpdate(resource, updated, live, 'ephemeralcontainers'), ...changes(ephemeralContainers, live.spec?.ephemeralContainers ?? [])];
    if (causes.length > 0) throw invalid(resource, name, causes);
    const tracked = trackUpdate(env.schema, resource, { live, updated, manager: context.fieldManager, now: formatTime(env.clock.now()), subresource: 'ephemeralcontainers' });
    return context.dryRun ? { type: 'keep', object: tracked } : { type: 'put', object: tracked };
  });
  return objectOutcome(resource, result.object);
}

/** Those that are there stay, and stay as they are. */
function changes(containers: Containers, live: Containers): readonly StatusCause[] {
  return live.flatMap((old) => {
    const now = containers.find(({ name }) => name === old.name);
    if (now !== undefined && isEqual(now, old)) return [];
    return [{ reason: 'FieldValueForbidden', field: 'spec.ephemeralContainers', message: `Forbidden: existing ephemeral containers ${JSON.stringify(old.name)} may not be ${now === undefined ? 'removed' : 'changed'}\n` }];
  });
}
