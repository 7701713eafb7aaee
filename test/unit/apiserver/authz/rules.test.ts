import test from 'ava';
import type { PolicyRule } from '#api/generated/rbac/v1.ts';
import { covers, missingRules, ruleAllows } from '#apiserver/authz/rules.ts';

const rule = (verbs: string, resources: string, names?: string): PolicyRule => ({ verbs: verbs.split(','), apiGroups: [''], resources: resources.split(','), ...(names ? { resourceNames: names.split(',') } : {}) });
const ask = (verb: string, resource: string, subresource = '', name = '') =>
  ({ user: { name: 'u', groups: [] }, verb, isResource: true, group: '', resource, subresource, namespace: '', name, path: '' });

test('a subresource is not allowed by its resource', (t) => {
  t.false(ruleAllows(rule('get', 'pods'), ask('get', 'pods', 'log')));
  t.true(ruleAllows(rule('get', 'pods/log'), ask('get', 'pods', 'log')));
  t.true(ruleAllows(rule('update', '*/scale'), ask('update', 'deployments', 'scale')));
});

test('names narrow a rule', (t) => {
  t.true(ruleAllows(rule('get', 'secrets', 'a'), ask('get', 'secrets', '', 'a')));
  t.false(ruleAllows(rule('get', 'secrets', 'a'), ask('list', 'secrets')));
  t.false(ruleAllows(rule('get', 'secrets', 'a'), ask('get', 'secrets', '', 'b')));
});

test('several rules together cover a wider one, and a narrow one never does', (t) => {
  t.true(covers([rule('get', 'pods'), rule('list', 'pods')], rule('get,list', 'pods')));
  t.false(covers([rule('get', 'pods', 'a')], rule('get', 'pods')));
  t.false(covers([rule('get', 'pods')], rule('*', 'pods')));
});

test('what is missing is told by resource and name, without what is held', (t) => {
  const owned = [rule('get', 'pods'), { verbs: ['get'], nonResourceURLs: ['/metrics'] }];
  const wanted = [rule('get,list,watch', 'pods,secrets'), rule('get', 'nodes', 'a,b'), { verbs: ['get', 'post'], nonResourceURLs: ['/metrics', '/logs'] }];
  t.deepEqual(missingRules(owned, wanted), [
    rule('get,list,watch', 'secrets'), rule('list,watch', 'pods'), rule('get', 'nodes', 'a'), rule('get', 'nodes', 'b'),
    { verbs: ['get'], nonResourceURLs: ['/logs'] }, { verbs: ['post'], nonResourceURLs: ['/metrics'] }, { verbs: ['post'], nonResourceURLs: ['/logs'] },
  ]);
});
