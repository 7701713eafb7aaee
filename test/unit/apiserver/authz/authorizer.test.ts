import test from 'ava';
import { attributesOf, refusal } from '#apiserver/authz/authorizer.ts';
import { parseRequest } from '#apiserver/request-info.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import type { ApiRequest } from '#api/transport.ts';

const scheme = new Scheme(BUILT_IN_RESOURCES);
const user = { name: 'NAME', groups: [] };
const asked = (method: ApiRequest['method'], path: string, query: Readonly<Record<string, string>> = {}) => attributesOf(parseRequest(scheme, method, path, query), user, query['fieldSelector']);
const SECRETS = '/api/v1/namespaces/a/secrets';

for (const [method, fieldSelector, name] of [
  ['GET', 'metadata.name=x', 'x'],
  ['GET', 'metadata.name==x', 'x'],
  ['GET', 'type=Opaque,metadata.name=x', 'x'],
  ['GET', 'metadata.name!=x', ''],
  ['GET', 'type=Opaque', ''],
  ['GET', 'metadata.name=x,type', ''],
  ['GET', 'metadata.name=x/y', ''],
  ['GET', 'metadata.name=..', ''],
  ['GET', 'type!=a\\,metadata.name\\=x', ''],
  // Who may only make or delete what has one name must not make or delete others by a selector.
  ['POST', 'metadata.name=x', ''],
  ['DELETE', 'metadata.name=x', ''],
] as const) {
  test(`${method} of secrets with ${fieldSelector} is ${name === '' ? 'about no name' : `about ${name}`}`, (t) => t.is(asked(method, SECRETS, { fieldSelector }).name, name));
}

test('a watch that selects a name is about that name', (t) => t.is(asked('GET', SECRETS, { watch: '1', fieldSelector: 'metadata.name=x' }).name, 'x'));

for (const [attributes, reason, message] of [
  [asked('GET', '/api/v1/pods'), '', 'pods is forbidden: User "NAME" cannot list resource "pods" in API group "" at the cluster scope'],
  [asked('GET', '/api/v1/nodes/n'), 'why', 'nodes "n" is forbidden: User "NAME" cannot get resource "nodes" in API group "" at the cluster scope: why'],
  [asked('PUT', '/apis/apps/v1/namespaces/a/deployments/d/scale'), '', 'deployments.apps "d" is forbidden: User "NAME" cannot update resource "deployments/scale" in API group "apps" in the namespace "a"'],
  [asked('GET', '/api/v1/namespaces/a'), '', 'namespaces "a" is forbidden: User "NAME" cannot get resource "namespaces" in API group "" in the namespace "a"'],
  [asked('GET', '/api/v1/namespaces'), '', 'namespaces is forbidden: User "NAME" cannot list resource "namespaces" in API group "" at the cluster scope'],
  [asked('GET', '/whatever'), '', 'forbidden: User "NAME" cannot get path "/whatever"'],
  [asked('GET', '/<script>'), '', 'forbidden: User "NAME" cannot get path "/&lt;script&gt;"'],
  [{ ...asked('GET', '/api/v1/pods'), user: { name: 'a"<b>&', groups: [] } }, '<why>', 'pods is forbidden: User "a\\"&lt;b&gt;&amp;" cannot list resource "pods" in API group "" at the cluster scope: <why>'],
] as const) {
  test(`refused: ${message}`, (t) => t.is(refusal(attributes, reason).message, message));
}
