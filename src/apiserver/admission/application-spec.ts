import { jsonEqual } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import { isSameResource } from '#api/resource-type.ts';
import { APPLICATIONS } from '#api/resources.ts';
import { forbidden } from '#api/status-error.ts';
import type { AdmissionPlugin } from './plugin.ts';

/**
 * Whoever may `patch` an Application, but not `update` it, may change its annotations only: by them syncs are asked for and prunes confirmed,
 * which must not bring along the right to have other objects applied. RBAC itself knows no fields.
 */
export const APPLICATION_SPEC: AdmissionPlugin = {
  name: 'ApplicationSpec',
  handles: ({ operation, resource, subresource, object, live }) =>
    operation === 'UPDATE' && subresource === '' && isSameResource(resource, APPLICATIONS) && object !== undefined && live !== undefined && !jsonEqual(guarded(object), guarded(live)),
  validate({ resource, namespace, name, context: { user } }, env) {
    const decision = env.authorizer.authorize({ user, verb: 'update', isResource: true, group: resource.group, resource: resource.plural, subresource: '', namespace, name, path: '' });
    if (!decision.isAllowed) throw forbidden(resource, name, `user ${JSON.stringify(user.name)} may patch it, but not update it, and so change nothing but annotations`);
  },
};

/** All that has an effect by itself. */
function guarded(application: KubeObject): unknown {
  const { labels = {}, finalizers = [], ownerReferences = [] } = application.metadata;
  return { spec: 'spec' in application ? application.spec : {}, labels, finalizers, ownerReferences };
}
