import { andThen } from '#base/and-then.ts';
import { isStored, type ResourceType } from '#api/resource-type.ts';
import { badRequest, StatusError, isStatus, methodNotSupported, unserved } from '#api/status-error.ts';
import { authorize } from './authz/authorize.ts';
import type { Decision } from './authz/authorizer.ts';
import type { Call } from './call.ts';
import type { Environment } from './environment.ts';
import type { Outcome } from './outcome.ts';
import { methodNotAllowed, type RequestVerb } from './request-info.ts';
import { bind } from './subresources/binding.ts';
import { writeEphemeralContainers } from './subresources/ephemeral-containers.ts';
import { evict } from './subresources/eviction.ts';
import { finalize } from './subresources/finalize.ts';
import { writeScale } from './subresources/scale.ts';
import { requestToken } from './subresources/token.ts';
import { create } from './verbs/create.ts';
import { withTypedBody } from './verbs/decode-subresource.ts';
import { remove } from './verbs/delete.ts';
import { removeCollection } from './verbs/deletecollection.ts';
import { get } from './verbs/get.ts';
import { list } from './verbs/list.ts';
import { patch } from './verbs/patch.ts';
import { update } from './verbs/update.ts';
import { checkWriteOptions } from './verbs/write-options.ts';
import { VIRTUAL } from './virtual/virtual.ts';

type Handler = (env: Environment, call: Call) => Outcome | Promise<Outcome>;
type Handlers = Readonly<Partial<Record<RequestVerb, Handler>>>;

/** The verbs of objects; `watch` streams and is dispatched by its transport. */
const OBJECT: Handlers = { get, list, create, update, patch, delete: remove, deletecollection: removeCollection };

/** `log`, `exec`, `attach`, `portforward` and `proxy` are streams to a node and only reached over HTTPS. */
const SUBRESOURCES: Readonly<Record<string, Handlers>> = {
  status: { get, update, patch },
  scale: { get, update: writeScale, patch: writeScale },
  binding: { create: bind },
  eviction: { create: evict },
  token: { create: requestToken },
  finalize: { update: finalize },
  ephemeralcontainers: { get, update: writeEphemeralContainers, patch: writeEphemeralContainers },
  resize: { get, update, patch },
  approval: { get, update, patch },
};

/** What requests are let in by, and what admission judges objects by; a custom resource of the same name is waited for to no harm. */
const RULE_GROUPS: ReadonlySet<string> = new Set(['admissionregistration.k8s.io', 'rbac.authorization.k8s.io']);
const RULES: ReadonlySet<string> = new Set(['namespaces', 'limitranges', 'resourcequotas', 'priorityclasses', 'storageclasses', 'ingressclasses', 'servicecidrs']);
const isRule = ({ group, plural }: ResourceType): boolean => RULE_GROUPS.has(group) || RULES.has(plural);
const READS: ReadonlySet<RequestVerb> = new Set(['get', 'list', 'watch']);

/** Authorizes and performs one request; `decision` is what the authorizer says of it, when it has been asked. @throws StatusError */
export function dispatch(env: Environment, call: Call, decision?: Decision): Outcome | Promise<Outcome> {
  const { resource, subresource, verb } = call.info;
  authorize(env, call, decision);
  // What is stored can be watched: no other request has to put a name together.
  const virtual = isStored(resource) ? undefined : VIRTUAL[`${resource.plural}.${resource.group}`]?.[verb];
  const handler = virtual ?? (subresource === '' ? (resource.verbs as readonly string[]).includes(verb) && OBJECT[verb] : SUBRESOURCES[subresource]?.[verb]);
  if (call.info.name !== '' && subresource === '' && !hasNames(resource)) throw unserved();
  if (!handler || !isMethodOfPath(call.info)) throw refusedMethod(call.info);
  checkWriteOptions(call);
  warnOfVersion(call);
  const failed = (error: unknown): never => {
    // What a request logs says who and what, never the body.
    if (!(error instanceof StatusError) || isStatus(error, 'InternalError')) env.log.error('request failed', { verb, resource: resource.plural, subresource, namespace: call.info.namespace, name: call.info.name, error });
    throw error;
  };
  try {
    const outcome = handler(env, virtual || subresource !== '' ? withTypedBody(env, call) : call);
    // Rules are in force here by the time that whoever wrote them is told so; what is written is told as written, however far behind the cache is.
    const done = subresource === '' && !READS.has(verb) && isRule(resource) ? andThen(outcome, (written) => env.cache.sync().then(() => written, () => written)) : outcome;
    return done instanceof Promise ? done.catch(failed) : done;
  } catch (error) {
    return failed(error);
  }
}

/** Of a version that should not be used any more every request is told. */
export function warnOfVersion(call: Call): void {
  const { resource } = call.info;
  const warning = resource.deprecation ?? resource.custom?.deprecation;
  if (warning !== undefined) call.warn(warning);
}

/** Built-in paths have routes for their methods alone; of custom resources the verb is told that they do not know. */
function refusedMethod({ resource, verb, name }: Call['info']): StatusError {
  if (resource.custom === undefined) return methodNotAllowed();
  return (verb === 'update' || verb === 'patch') && name === '' ? badRequest('name must be provided') : methodNotSupported(resource, verb);
}

/** What can only be asked, as a review, is nowhere under a name. */
const hasNames = ({ verbs }: ResourceType): boolean => verbs.length > 1 || verbs[0] !== 'create';

/** Objects are made in their collection, and changed under their name; what is in many namespaces can only be read. */
function isMethodOfPath({ verb, name, namespace, resource, subresource }: Call['info']): boolean {
  switch (verb) {
    case 'update':
    case 'patch': return name !== '';
    case 'create': return (name === '' || subresource !== '') && (namespace !== '' || !resource.namespaced);
    case 'deletecollection': return namespace !== '' || !resource.namespaced;
    default: return true;
  }
}
