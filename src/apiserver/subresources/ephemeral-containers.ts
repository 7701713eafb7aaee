import type { Pod } from '#api/generated/core/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { invalid } from '#api/status-error.ts';
import { applyDefaults } from '#api/defaults/index.ts';
import { trackUpdate } from '#api/apply/managed-fields.ts';
import { validateUpdate } from '#api/validation/index.ts';
import { Problems } from '#api/validation/problems.ts';
import { formatTime } from '#base/clock.ts';
import { isMirrorPod } from '#api/pods.ts';
import { writeContext, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { objectOutcome, type Outcome } from '../outcome.ts';
import { requireSameObject, requireSameVersion } from '../registry/prepare-update.ts';
import { guaranteedUpdate } from '../storage/guaranteed-update.ts';
import { isEqual } from '../storage/equality.ts';
import { decodeBody, mediaTypeOf } from '../verbs/decode.ts';
import { changeOf, patched } from '../verbs/patch.ts';
import { named } from '../verbs/update.ts';
import { admitSubresource } from './admit.ts';

/** PUT and PATCH that add ephemeral containers to a pod; those that are there stay as they are. */
export async function writeEphemeralContainers(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const context = writeContext(call);
  const result = await guaranteedUpdate(env, { resource, namespace, name }, async ({ object }) => {
    const live = object as Pod & KubeObject;
    const sent = call.info.verb === 'patch' ? patched(env, call, changeOf(env, call, mediaTypeOf(call))(live)) : named(decodeBody(env, call), name);
    requireSameObject(resource, sent, live, context);
    requireSameVersion(resource, sent, live);
    const { ephemeralContainers = [] } = (applyDefaults(resource, sent) as Pod).spec ?? {};
    const isAdded = ephemeralContainers.length > (live.spec?.ephemeralContainers ?? []).length;
    const metadata = { ...live.metadata, uid: sent.metadata.uid || live.metadata.uid, ...(isAdded ? { generation: (live.metadata.generation ?? 0) + 1 } : {}) };
    const wanted = { ...live, metadata, spec: { ...live.spec, ephemeralContainers } } as KubeObject;
    const tracked = trackUpdate(env.schema, resource, { live, updated: wanted, manager: context.fieldManager, now: formatTime(env.clock.now()), subresource: 'ephemeralcontainers' });
    const check = (updated: KubeObject): void => {
      const causes = isMirrorPod(live) ? refusalOfStatic() : [...validateUpdate(resource, updated, live, 'ephemeralcontainers'), ...changesOf(updated as Pod, live)];
      if (causes.length > 0) throw invalid(resource, name, causes);
    };
    const updated = await admitSubresource(env, call.info, { operation: 'UPDATE', object: tracked, live, type: live, context, check });
    return context.dryRun ? { type: 'keep', object: updated } : { type: 'put', object: updated };
  });
  return objectOutcome(resource, result.object);
}

function refusalOfStatic(): readonly StatusCause[] {
  const problems = new Problems();
  problems.forbidden('', 'static pods do not support ephemeral containers');
  return problems.causes;
}

/** What is there already stays as it is, in whatever order. */
function changesOf(pod: Pod, live: Pod): readonly StatusCause[] {
  const problems = new Problems();
  for (const old of live.spec?.ephemeralContainers ?? []) {
    const now = pod.spec?.ephemeralContainers?.find(({ name }) => name === old.name);
    if (now === undefined) problems.forbidden('spec.ephemeralContainers', `existing ephemeral containers ${JSON.stringify(old.name)} may not be removed\n`);
    else if (!isEqual(now, old)) problems.forbidden('spec.ephemeralContainers', `existing ephemeral containers ${JSON.stringify(old.name)} may not be changed\n`);
  }
  return problems.causes;
}
