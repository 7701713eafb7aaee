import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { BUILT_IN_RESOURCES, CONFIG_MAPS } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import type { UserInfo } from '#api/transport.ts';
import { ApiServices } from '#apiserver/aggregator/api-services.ts';
import { attributesOf } from '#apiserver/authz/authorizer.ts';
import { NodeAuthorizer } from '#apiserver/authz/node-authorizer.ts';
import { NodePods } from '#apiserver/authz/node-pods.ts';
import { RbacAuthorizer } from '#apiserver/authz/rbac.ts';
import { UnionAuthorizer } from '#apiserver/authz/union.ts';
import { BOOTSTRAP_LEVELS, BOOTSTRAP_SCHEMAS } from '#apiserver/flowcontrol/bootstrap-objects.ts';
import { FlowControl } from '#apiserver/flowcontrol/flow-control.ts';
import { PLAIN } from '#apiserver/http/media-type.ts';
import { type RoutePlan, RoutePlans } from '#apiserver/http/route-plans.ts';
import { type ResourceInfo, resolveRequest } from '#apiserver/request-info.ts';
import { Requests } from '#apiserver/requests/requests.ts';
import { systemClock as clock } from '#base/clock.ts';
import { silentLogger as log } from '#base/logger.ts';
import { createMemoryStore } from '#store/memory/memory-store.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';

const RBAC = 'rbac.authorization.k8s.io';
const ADA: UserInfo = { name: 'ada', groups: ['system:authenticated'] };
const MASTER: UserInfo = { name: 'admin', groups: ['system:masters'] };
const NODE: UserInfo = { name: 'system:node:n', groups: ['system:nodes', 'system:authenticated'] };
const USERS = [ADA, MASTER, NODE];
const URLS = ['/api/v1/namespaces/a/configmaps/one', '/api/v1/namespaces/a/configmaps/two', '/api/v1/namespaces/b/configmaps/one', '/api/v1/namespaces/a/configmaps?fieldSelector=metadata.name%3Done', '/api/v1/namespaces/a/configmaps'];
const METHODS = ['GET', 'POST', 'DELETE'] as const;

interface Asked {
  readonly user: UserInfo;
  readonly method: (typeof METHODS)[number];
  readonly url: string;
}
const asked = ({ method, url }: Asked) => ({ method, url, headers: {} });

/** All that plans are decided from, over a store in memory. */
async function open(t: Pick<ExecutionContext, 'teardown'>) {
  const store = createMemoryStore({ clock, retention: { maxEvents: 1000, maxAgeMs: 60_000 } });
  const cache = createWatchCache({ store, log, clock, windowEvents: 1000, bookmarkIntervalMs: 60_000 });
  await cache.ready();
  const [rbac, pods, apiServices] = [new RbacAuthorizer(cache), new NodePods(cache), new ApiServices(cache)];
  for (const follower of [rbac, pods, apiServices]) follower.start(clock);
  t.teardown(async () => {
    for (const follower of [rbac, pods, apiServices]) follower.stop();
    await cache.close();
    await store.close();
  });
  const authorizer = new UnionAuthorizer({ rbac, node: new NodeAuthorizer({ cache, pods }) });
  const flow = new FlowControl({ clock });
  const scheme = new Scheme(BUILT_IN_RESOURCES);
  const requests = new Requests({ clock, cache, flow });
  const write = async (resource: string, namespace: string, name: string, rest: object | undefined): Promise<void> => {
    const key = { resource, namespace, name };
    const result = await store.transaction([rest ? { type: 'put', key, expect: 'any', value: JSON.stringify({ metadata: { name, namespace }, ...rest }) } : { type: 'delete', key, expect: 'any' }]);
    if (result.ok) await cache.waitFor(result.revisions[0] ?? 0);
  };
  const plans = new RoutePlans({ scheme, apiServices, authorizer, requests });
  const infoOf = ({ method, url }: Asked): ResourceInfo => {
    const { pathname, searchParams } = new URL(url, 'https://h');
    return resolveRequest({ scheme, cache, apiServices }, method, pathname, Object.fromEntries(searchParams)) as ResourceInfo;
  };
  const queryOf = ({ url }: Asked) => Object.fromEntries(new URL(url, 'https://h').searchParams);
  /** As the server does. */
  const ask = (request: Asked): RoutePlan => plans.find(request.user, asked(request)) ?? plans.make(asked(request), { user: request.user, query: queryOf(request), info: infoOf(request), media: PLAIN, revision: plans.revision });
  return { authorizer, flow, scheme, requests, write, plans, infoOf, queryOf, ask };
}
type World = Awaited<ReturnType<typeof open>>;

const rules = (verbs: readonly string[], names: readonly string[]) => ({ rules: [{ verbs, apiGroups: [''], resources: ['configmaps'], resourceNames: names }] });
const bound = (subject: string) => ({ kind: 'RoleBinding', roleRef: { apiGroup: RBAC, kind: 'Role', name: 'r' }, subjects: [{ kind: 'User', name: subject }] });
const podWith = (configMap: string) => ({ spec: { nodeName: 'n', containers: [], volumes: [{ name: 'v', configMap: { name: configMap } }] } });
const schemasFor = (user: string) => BOOTSTRAP_SCHEMAS.map((schema) => (schema.metadata.name === 'catch-all' ? schema : { ...schema, spec: { ...schema.spec, matchingPrecedence: user.length * 100 } }));

const CHANGES: readonly ((world: World) => Promise<void> | void)[] = [
  ({ write }) => write(`roles.${RBAC}`, 'a', 'r', rules(['get'], ['one'])),
  ({ write }) => write(`roles.${RBAC}`, 'a', 'r', rules(['get', 'create', 'list'], [])),
  ({ write }) => write(`roles.${RBAC}`, 'a', 'r', undefined),
  ({ write }) => write(`rolebindings.${RBAC}`, 'a', 'b', bound('ada')),
  ({ write }) => write(`rolebindings.${RBAC}`, 'a', 'b', bound('bob')),
  ({ write }) => write(`rolebindings.${RBAC}`, 'a', 'b', undefined),
  ({ write }) => write('pods', 'a', 'p', podWith('one')),
  ({ write }) => write('pods', 'a', 'p', undefined),
  ({ flow }) => flow.configure(schemasFor('ada'), BOOTSTRAP_LEVELS),
  ({ flow }) => flow.configure(BOOTSTRAP_SCHEMAS, BOOTSTRAP_LEVELS),
  ({ scheme }) => scheme.register({ ...CONFIG_MAPS }),
];

test('whatever changes between two requests, the second is decided as if there had been no first', async (t) => {
  const step = fc.oneof(fc.nat(CHANGES.length - 1), fc.record({ user: fc.constantFrom(...USERS), method: fc.constantFrom(...METHODS), url: fc.constantFrom(...URLS) }));
  let found = 0;
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
    const ends: (() => unknown)[] = [];
    const world = await open({ teardown: (end) => void ends.push(end) });
    for (const next of steps) {
      if (typeof next === 'number') await CHANGES[next]?.(world);
      // At once again, so that some plan is found again however the requests come out.
      else found += check(world, next) + check(world, next);
    }
    for (const end of ends) await end();
  }), { numRuns: 25 });
  t.true(found > 0, 'no plan was ever found again');
});

/** 1 when there was a plan. */
function check(world: World, request: Asked): number {
  const known = world.plans.find(request.user, asked(request)) === undefined ? 0 : 1;
  const plan = world.ask(request);
  const info = world.infoOf(request);
  const fresh = world.authorizer.authorize(attributesOf(info, request.user, world.queryOf(request)['fieldSelector']));
  const decision = world.plans.decisionOf(plan) ?? fresh;
  const { schema, series } = world.requests.handlingOf(request.method, request.user, info);
  const isSame = decision.isAllowed === fresh.isAllowed && decision.reason === fresh.reason && plan.info.resource === info.resource && plan.info.verb === info.verb && plan.handling.schema === schema && plan.handling.series === series;
  if (!isSame) throw new Error(`${request.method} ${request.url} of ${request.user.name}: ${JSON.stringify({ decision, fresh })}`);
  return known;
}

const GET_ONE: Asked = { user: ADA, method: 'GET', url: URLS[0] ?? '' };

test('a request that comes a third time finds its plan, one of another method, URL, form or user does not', async (t) => {
  const { ask, plans } = await open(t);
  ask(GET_ONE);
  const plan = ask(GET_ONE);
  t.is(ask(GET_ONE), plan);
  t.is(plans.find(ADA, { ...asked(GET_ONE), method: 'DELETE' }), undefined);
  t.is(plans.find(ADA, { ...asked(GET_ONE), url: URLS[1] ?? '' }), undefined);
  t.is(plans.find(ADA, { ...asked(GET_ONE), headers: { accept: 'application/yaml' } }), undefined);
  t.is(plans.find({ ...ADA }, asked(GET_ONE)), undefined);
});

test('what a plan says of access ends with the change that comes while its request waits', async (t) => {
  const { ask, plans, write } = await open(t);
  await write(`roles.${RBAC}`, 'a', 'r', rules(['get'], []));
  await write(`rolebindings.${RBAC}`, 'a', 'b', bound('ada'));
  const plan = ask(GET_ONE);
  t.true(plans.decisionOf(plan)?.isAllowed);
  await write(`rolebindings.${RBAC}`, 'a', 'b', undefined);
  t.is(plans.decisionOf(plan), undefined);
});

test('what a node may do is decided at each request, for it follows its pods', async (t) => {
  const { ask } = await open(t);
  t.is(ask({ ...GET_ONE, user: NODE }).decision, undefined);
});
