import test from 'ava';
import type { JsonObject } from '#api/json.ts';
import { ClaimMapper } from '#apiserver/authn/oidc/claims.ts';
import type { JwtIssuer } from '#apiserver/authn/oidc/configuration.ts';

const claim = (name: string, prefix = '') => ({ claim: name, prefix });
const by = (expression: string) => ({ expression });

/** The user without the group of all who are known, or the problem. */
function map(config: Omit<JwtIssuer, 'issuer'>, claims: JsonObject): unknown {
  const mapped = new ClaimMapper({ issuer: { url: 'https://auth.example.com', audiences: ['a'] }, ...config }).map(claims);
  if ('problem' in mapped) return mapped.problem;
  const { name, groups, uid, extra } = mapped.user;
  return { name, groups: groups.filter((g) => g !== 'system:authenticated'), ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) };
}

test('names and emails', (t) => {
  const username = claim('username', 'prefix:');
  t.deepEqual(map({ claimMappings: { username } }, { username: 'jane' }), { name: 'prefix:jane', groups: [] });
  t.is(map({ claimMappings: { username } }, {}), 'oidc: parse username claims "username": claim not present');
  t.is(map({ claimMappings: { username } }, { username: 7 }), 'oidc: parse username claims "username": json: cannot unmarshal number into Go value of type string');
  t.deepEqual(map({ claimMappings: { username: claim('username') } }, { username: '' }), { name: '', groups: [] });
  const email = { claimMappings: { username: claim('email') } };
  t.deepEqual(map(email, { email: 'j@x.com', email_verified: true }), { name: 'j@x.com', groups: [] });
  t.deepEqual(map(email, { email: 'j@x.com' }), { name: 'j@x.com', groups: [] });
  t.is(map(email, { email: 'j@x.com', email_verified: false }), 'oidc: email not verified');
  t.is(map(email, { email: 'j@x.com', email_verified: 'false' }), "oidc: parse 'email_verified' claim: json: cannot unmarshal string into Go value of type bool");
  t.deepEqual(map({ claimMappings: { username: by('claims.foo.username') } }, { foo: { username: 'jane' } }), { name: 'jane', groups: [] });
  t.is(map({ claimMappings: { username: by('claims.foo') } }, { foo: 1 }), 'oidc: error evaluating username claim expression: username claim expression must return a string');
});

test('an expression that gives no name makes nobody', (t) => {
  const named = (expression: string, claims: JsonObject): unknown => map({ claimMappings: { username: by(expression) } }, claims);
  for (const expression of ['claims.v', 'string(claims.v)', 'claims.?absent.orValue("")']) t.is(named(expression, { v: '' }), 'oidc: empty username via CEL expression is not allowed');
  const noText = 'oidc: error evaluating username claim expression: username claim expression must return a string';
  for (const expression of ['claims.?v', 'optional.of(claims.v)', 'timestamp("2020-01-01T00:00:00Z")', 'duration("1h")', 'b"abc"', '1', 'null', 'claims']) t.is(named(expression, { v: 'x' }), noText, expression);
});

test('in expressions, numbers of claims are doubles, and members are reached by escaped names', (t) => {
  const groups = (expression: string, claims: JsonObject): unknown => {
    const mapped = map({ claimMappings: { username: claim('u'), groups: by(expression) } }, { u: 'j', ...claims });
    return typeof mapped === 'string' ? mapped.replace(/^oidc: error evaluating group claim expression: expression '.*' resulted in error: /, '') : (mapped as { readonly groups: readonly string[] }).groups[0];
  };
  t.is(groups('type(claims.v) == double ? "double" : "other"', { v: 1 }), 'double');
  t.is(groups('string(claims.v)', { v: 1_796_072_576 }), '1.796072576e+09');
  t.is(groups('string(claims.v + 1.0)', { v: 1 }), '2');
  t.is(groups('string(claims.v + 1)', { v: 1 }), 'no such overload');
  t.is(groups('claims.v == 1 ? "one" : "other"', { v: 1 }), 'one');
  t.is(groups('timestamp(claims.v)', { v: 1 }), 'no such overload: timestamp(double)');
  t.is(groups('claims.a__dot__b', { 'a.b': 'x' }), 'x');
  t.is(groups('claims.v.a__dash__b', { v: { 'a-b': 'x' } }), 'x');
  t.is(groups('claims.v[0].a__dot__b', { v: [{ 'a.b': 'x', a__dot__b: 'y' }] }), 'x');
  t.is(groups('has(claims.v.a__slash__b) ? "has" : "no"', { v: { 'a/b': 'x' } }), 'has');
  t.is(groups('claims.v["a.b"]', { v: { 'a.b': 'x' } }), 'x');
  t.is(groups('"v" in claims ? "in" : "out"', { v: 1 }), 'no such overload');
  t.is(groups('string(size(claims))', {}), 'no such overload: size');
});

test('groups, UID and the id of the credential', (t) => {
  const username = claim('username');
  const groups = { claimMappings: { username, groups: claim('groups', 'o:') } };
  t.deepEqual(map(groups, { username: 'j', groups: ['a', 'b'] }), { name: 'j', groups: ['o:a', 'o:b'] });
  t.deepEqual(map(groups, { username: 'j', groups: 'a' }), { name: 'j', groups: ['o:a'] });
  t.deepEqual(map(groups, { username: 'j' }), { name: 'j', groups: [] });
  t.is(map(groups, { username: 'j', groups: 42 }), 'oidc: parse groups claim "groups": json: cannot unmarshal number into Go value of type string');
  const expressed = { claimMappings: { username, groups: by('claims.groups') } };
  t.deepEqual(map(expressed, { username: 'j', groups: ['a', '', 'b'] }), { name: 'j', groups: ['a', 'b'] });
  t.deepEqual(map(expressed, { username: 'j', groups: '' }), { name: 'j', groups: [] });
  t.deepEqual(map(expressed, { username: 'j', groups: null }), { name: 'j', groups: [] });
  t.is(map(expressed, { username: 'j', groups: [1] }), 'oidc: error evaluating group claim expression: expression must return a string or a list of strings');
  t.is(map(expressed, { username: 'j' }), "oidc: error evaluating group claim expression: expression 'claims.groups' resulted in error: no such key: groups");
  const roles = { claimMappings: { username, groups: by('(claims.roles.split(",") + claims.other_roles.split(",")).map(role, "groups:" + role)') } };
  t.deepEqual(map(roles, { username: 'j', roles: 'foo,bar', other_roles: 'baz' }), { name: 'j', groups: ['groups:foo', 'groups:bar', 'groups:baz'] });
  t.is(map({ claimMappings: { username, uid: { claim: 'uid' } } }, { username: 'j' }), 'oidc: parse uid claim "uid": claim not present');
  t.deepEqual(map({ claimMappings: { username, uid: by('claims.uid') } }, { username: 'j', uid: '7', jti: '1234' }), { name: 'j', groups: [], uid: '7', extra: { 'authentication.kubernetes.io/credential-id': ['JTI=1234'] } });
  t.deepEqual(map({ claimMappings: { username } }, { username: 'j', jti: 1234 }), { name: 'j', groups: [] });
});

test('extra', (t) => {
  const extra = (...mappings: readonly (readonly [string, string])[]) => ({ claimMappings: { username: claim('u'), extra: mappings.map(([key, valueExpression]) => ({ key: `example.org/${key}`, valueExpression })) } });
  t.deepEqual(map(extra(['foo', 'claims.foo'], ['bar', 'claims.bar'], ['no', '(has(claims.is_admin) && claims.is_admin) ? "true":""']), { u: 'j', foo: '', bar: ['a', '', 'b'], jti: '1' }),
    { name: 'j', groups: [], extra: { 'authentication.kubernetes.io/credential-id': ['JTI=1'], 'example.org/bar': ['a', 'b'] } });
  t.is(map(extra(['foo', 'claims.foo']), { u: 'j', foo: [true] }), 'oidc: error evaluating extra claim expression: claims.foo: expression must return a string or a list of strings');
});

test('rules', (t) => {
  const username = claim('username');
  const rule = (...claimValidationRules: NonNullable<JwtIssuer['claimValidationRules']>) => ({ claimMappings: { username }, claimValidationRules });
  const hd = rule({ claim: 'hd', requiredValue: 'example.com' });
  t.is(map(hd, { username: 'j' }), 'oidc: required claim hd not present in ID token');
  t.is(map(hd, { username: 'j', hd: 'example.org' }), 'oidc: required claim hd value does not match. Got = example.org, want = example.com');
  t.is(map(hd, { username: 'j', hd: true }), 'oidc: parse claim hd: json: cannot unmarshal bool into Go value of type string');
  const expressed = rule({ expression: 'claims.hd == "example.com"', message: 'the domain' }, { claim: 'a', requiredValue: 'b' });
  t.is(map(expressed, { username: 'j', a: 'b' }), `oidc: error evaluating claim validation expression: expression 'claims.hd == "example.com"' resulted in error: no such key: hd`);
  t.is(map(expressed, { username: 'j', a: 'b', hd: 'x' }), `oidc: error evaluating claim validation expression: validation expression 'claims.hd == "example.com"' failed: the domain`);
  t.deepEqual(map(expressed, { username: 'j', a: 'b', hd: 'example.com' }), { name: 'j', groups: [] });
  const user = (...expressions: readonly string[]) => ({ claimMappings: { username: by('claims.username'), groups: by('claims.groups') }, userValidationRules: expressions.map((expression) => ({ expression, message: 'reserved' })) });
  t.is(map(user("!user.username.startsWith('system:')"), { username: 'system:x', groups: null }), "oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith('system:')' failed: reserved");
  t.deepEqual(map(user('user.username == " "', 'user.uid == ""', "!('bar' in user.groups)", "!('bar' in user.extra)"), { username: ' ', groups: null }), { name: ' ', groups: [] });
});

test('claims deep within others', (t) => {
  const other1 = { bit1: true, bit2: false, bit3: 1 };
  const turtle = { foo: { 1: 'a', other1, bar: { 3: 'c', other1, baz: { 5: 'e', panda: ['snorlax', '007', 'santa', 'claus'], other1 } } } };
  const config = (groups: string) => ({
    claimValidationRules: [by('claims.turtle.foo.other1.bit1 && !claims.turtle.foo.bar.other1.bit2')],
    claimMappings: {
      username: by('claims.turtle.foo.bar.baz.panda[0]'), uid: by('claims.turtle.foo.bar.baz.panda[1]'), groups: by(groups),
      extra: [
        { key: 'bio.snorlax.org/1', valueExpression: 'string(claims.turtle.foo.bar.other1.bit2)' }, { key: 'bio.snorlax.org/2', valueExpression: 'string(claims.turtle.foo.bar.baz.other1.bit3)' },
        { key: 'bio.snorlax.org/3', valueExpression: "[string(claims.turtle.foo.bar.baz.other1.bit1)] + ['a', 'b', 'c']" },
      ],
    },
    userValidationRules: [by('user.username != "bad"'), by('user.uid == "007"'), by('"claus" in user.groups'), by('user.extra["bio.snorlax.org/3"].size() == 4')],
  });
  const extra = { 'bio.snorlax.org/1': ['false'], 'bio.snorlax.org/2': ['1'], 'bio.snorlax.org/3': ['true', 'a', 'b', 'c'] };
  t.deepEqual(map(config('claims.turtle.foo.bar.baz.panda'), { turtle }), { name: 'snorlax', uid: '007', groups: ['snorlax', '007', 'santa', 'claus'], extra });
  t.deepEqual(map(config("claims.turtle.foo.bar.baz.?a.b.c.d.orValue([ 'claus' ])"), { turtle }), { name: 'snorlax', uid: '007', groups: ['claus'], extra });
  t.is(map(config('claims.turtle.foo.bar.baz.a.b.c.d'), { turtle }), "oidc: error evaluating group claim expression: expression 'claims.turtle.foo.bar.baz.a.b.c.d' resulted in error: no such key: a");
});
