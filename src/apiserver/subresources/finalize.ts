import type { Namespace } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { writeContext, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { objectOutcome, type Outcome } from '../outcome.ts';
import { isFinished, requireSameObject, requireSameVersion } from '../registry/prepare-update.ts';
import { NAMESPACE } from '../registry/core/namespace.ts';
import { invalid } from '#api/status-error.ts';
import { validateUpdate } from '#api/validation/index.ts';
import { isEqual } from '../storage/equality.ts';
import { guaranteedUpdate } from '../storage/guaranteed-update.ts';
import { decodeBody } from '../verbs/decode.ts';
import { dryRun, named } from '../verbs/update.ts';
import { admitSubresource } from './admit.ts';

/** PUT of a namespace's `spec.finalizers`; the last one that goes takes the namespace with it. */
export async function finalize(env: Environment, call: Call): Promise<Outcome> {
  const { resource, name } = call.info;
  const sent = named(decodeBody(env, call), name) as Namespace & KubeObject;
  const context = writeContext(call);
  const result = await guaranteedUpdate(env, { resource, namespace: '', name }, async ({ object }) => {
    requireSameObject(resource, sent, object, context);
    requireSameVersion(resource, sent, object);
    const wanted = { ...object, spec: { ...(object as Namespace).spec, finalizers: sent.spec?.finalizers ?? [] } };
    const check = (updated: KubeObject): void => {
      const causes = validateUpdate(resource, updated, object);
      if (causes.length > 0) throw invalid(resource, name, causes);
    };
    const updated: KubeObject = await admitSubresource(env, call.info, { operation: 'UPDATE', object: wanted, live: object, type: object, context, check });
    if (isFinished(NAMESPACE, updated)) return dryRun(context, { type: 'remove', last: object, answer: updated });
    return isEqual(updated, object) ? { type: 'keep', object } : dryRun(context, { type: 'put', object: updated });
  });
  return objectOutcome(resource, result.object);
}
