import test from 'ava';
import { type AuthenticationConfiguration, AuthenticationConfigError, parseConfiguration } from '#apiserver/authn/oidc/configuration.ts';

const URL = 'https://issuer-url';
const NAMES = { username: { claim: 'sub', prefix: 'prefix' } };
const HEAD = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AuthenticationConfiguration' };
const jwt = (issuer: object, more: object = {}): object => ({ issuer: { url: URL, audiences: ['audience'], ...issuer }, claimMappings: NAMES, ...more });
const parse = (members: object): AuthenticationConfiguration => parseConfiguration(Buffer.from(JSON.stringify({ ...HEAD, ...members })));
const PREFIX = 'the authentication configuration is not valid: ';

function fault(...issuers: readonly object[]): string {
  try {
    parse({ jwt: issuers });
    return '';
  } catch (error) {
    return (error as AuthenticationConfigError).message.slice(PREFIX.length);
  }
}
const mapped = (claimMappings: object, more: object = {}): string => fault(jwt({}, { claimMappings: { ...NAMES, ...claimMappings }, ...more })).replace(/^jwt\[0\]\./, '');
const email = (expression: string): string => `claimMappings.username.expression: Invalid value: ${JSON.stringify(expression)}: claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression`;
const undeclared = (path: string): string => `${path}: Invalid value: "foo.bar": compilation failed: ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo.bar\n | ^`;

test('issuers, their addresses and audiences', (t) => {
  const discoveryURL = 'https://discovery-url/.well-known/openid-configuration';
  t.is(fault(), '');
  t.is(fault(jwt({}), jwt({})), `jwt[1].issuer.url: Duplicate value: "${URL}"`);
  t.is(fault(jwt({ discoveryURL }), jwt({ url: 'https://other', discoveryURL })), `jwt[1].issuer.discoveryURL: Duplicate value: "${discoveryURL}"`);
  t.is(fault(...Array.from({ length: 65 }, () => jwt({}))), 'jwt: Too many: 65: must have at most 64 items');
  const own = 'https://kubernetes.default.svc.cluster.local';
  const table: readonly (readonly [object, string])[] = [
    [{ url: '' }, 'url: Required value'], [{ url: 'invalid-url' }, 'url: Invalid value: "invalid-url": URL scheme must be https'], [{ url: 'http://x' }, 'url: Invalid value: "http://x": URL scheme must be https'],
    [{ url: 'https://u:p@x' }, 'url: Invalid value: "https://u:p@x": URL must not contain a username or password'], [{ url: 'https://x?a=b' }, 'url: Invalid value: "https://x?a=b": URL must not contain a query'],
    [{ url: 'https://x#f' }, 'url: Invalid value: "https://x#f": URL must not contain a fragment'], [{ url: own }, `url: Invalid value: "${own}": URL must not overlap with disallowed issuers: [${own}]`],
    [{ discoveryURL: `${URL}///` }, `discoveryURL: Invalid value: "${URL}///": discoveryURL must be different from URL`], [{ discoveryURL: 'https://x/path' }, ''],
    [{ audiences: [] }, 'audiences: Required value: at least one jwt[0].issuer.audiences is required'], [{ audiences: [''] }, 'audiences[0]: Required value'],
    [{ audiences: ['a', 'a'], audienceMatchPolicy: 'MatchAny' }, 'audiences[1]: Duplicate value: "a"'], [{ audiences: ['a', 'b'] }, 'audienceMatchPolicy: Invalid value: "": audienceMatchPolicy must be MatchAny for multiple audiences'],
    [{ audienceMatchPolicy: 'MatchExact' }, 'audienceMatchPolicy: Invalid value: "MatchExact": audienceMatchPolicy must be empty or MatchAny for single audience'],
    [{ certificateAuthority: 'invalid' }, 'certificateAuthority: Invalid value: "<omitted>": data does not contain any valid RSA or ECDSA certificates'],
    [{ audienceMatchPolicy: 'MatchAny', certificateAuthority: '' }, ''], [{ egressSelectorType: 'cluster' }, 'egressSelectorType: Forbidden: there are no egress selectors'],
    [{ egressSelectorType: 'x' }, 'egressSelectorType: Invalid value: "x": egress selector must be either controlplane or cluster'],
    [{ url: 'https://a/%zz' }, 'url: Invalid value: "https://a/%zz": parse "https://a/%zz": invalid URL escape "%zz"'], [{ url: ' https://a' }, 'url: Invalid value: " https://a": parse " https://a": first path segment in URL cannot contain colon'],
    [{ url: 'https://@a' }, 'url: Invalid value: "https://@a": URL must not contain a username or password'], [{ url: 'https://a:x' }, 'url: Invalid value: "https://a:x": parse "https://a:x": invalid port ":x" after host'], [{ url: 'https://a:99999?' }, ''],
    [{ audiences: ['', ''], audienceMatchPolicy: 'MatchAny' }, '[jwt[0].issuer.audiences[0]: Required value, jwt[0].issuer.audiences[1]: Required value, jwt[0].issuer.audiences[1]: Duplicate value: ""]'],
    [{ certificateAuthority: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }, 'certificateAuthority: Invalid value: "<omitted>": x509: malformed certificate'], [{ audienceMatchPolicy: null, discoveryURL: null }, ''],
  ];
  for (const [issuer, want] of table) t.is(fault(jwt(issuer)).replace(/^jwt\[0\]\.issuer\./, ''), want, JSON.stringify(issuer));
});

test('rules over claims and over the user', (t) => {
  const rules = (...claimValidationRules: readonly object[]): string => mapped({}, { claimValidationRules }).replace(/^claimValidationRules/, '');
  t.is(rules({}), '[0]: Required value: claim or expression is required');
  t.is(rules({ claim: 'c', expression: 'e' }), `[0]: Invalid value: "c": claim and expression can't both be set`);
  t.is(rules({ claim: 'c', message: 'm' }), '[0].message: Invalid value: "m": may not be specified when claim is set');
  t.is(rules({ expression: "claims.foo == 'bar'", requiredValue: 'v' }), '[0].requiredValue: Invalid value: "v": may not be specified when expression is set');
  t.is(rules({ claim: 'c' }, { claim: 'c' }), '[1].claim: Duplicate value: "c"');
  t.is(rules({ expression: "claims.foo == 'bar'" }, { expression: "claims.foo == 'bar'" }), `[1].expression: Duplicate value: "claims.foo == 'bar'"`);
  t.is(rules({ expression: 'foo.bar' }), undeclared('[0].expression'));
  t.is(rules({ expression: 'claims.foo' }), '[0].expression: Invalid value: "claims.foo": must evaluate to bool');
  t.is(rules({ claim: 'a', requiredValue: 'claims.email_verified' }, { expression: 'has(claims.email_verified)' }), '');
  const user = (...userValidationRules: readonly object[]): string => mapped({}, { userValidationRules }).replace(/^userValidationRules/, '');
  t.is(user({}), '[0].expression: Required value');
  t.is(user({ expression: "user.username == 'a'" }, { expression: "user.username == 'a'" }), `[1].expression: Duplicate value: "user.username == 'a'"`);
  t.is(user({ expression: 'foo.bar' }), undeclared('[0].expression'));
  t.is(user({ expression: 'user.username' }), '[0].expression: Invalid value: "user.username": must evaluate to bool');
  t.is(user({ expression: "!user.username.startsWith('system:')", message: 'm' }), '');
});

test('mappings of claims', (t) => {
  for (const part of ['username', 'groups']) {
    const path = `claimMappings.${part}`;
    t.is(mapped({ [part]: { claim: 'c', expression: 'claims.x' } }), `${path}: Invalid value: "": claim and expression can't both be set`);
    t.is(mapped({ [part]: { expression: 'claims.x', prefix: '' } }), `${path}.prefix: Invalid value: "": may not be specified when expression is set`);
    t.is(mapped({ [part]: { claim: 'c' } }), `${path}.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing`);
    t.is(mapped({ [part]: { expression: 'foo.bar' } }), undeclared(`${path}.expression`));
  }
  const undetermined = (expression: string, why: string): void => void t.is(mapped({ groups: { expression } }), `claimMappings.groups.expression: Invalid value: ${JSON.stringify(expression)}: compilation failed: ERROR: <input>:${why}`);
  undetermined('claims.v.map(x, x)', "1:7: expression of type 'any' cannot be range of a comprehension (must be list, map, or dynamic)\n | claims.v.map(x, x)\n | ......^");
  undetermined('[claims.v, ""]', "1:12: expected type 'any' but found 'string'\n | [claims.v, \"\"]\n | ...........^");
  undetermined('"%s".format([claims.v])', '1:20: error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given google.protobuf.Any\n | "%s".format([claims.v])\n | ...................^');
  for (const expression of ['claims.v.w.map(x, x)', '[claims.v]', 'claims.v == "a" ? claims.v : "b"']) t.is(mapped({ groups: { expression } }), '');
  t.is(mapped({ username: {} }), 'claimMappings.username: Required value: claim or expression is required');
  t.is(mapped({ groups: { prefix: 'x' } }), '');
  t.is(mapped({ uid: { claim: 'c', expression: 'claims.uid' } }), `claimMappings.uid: Invalid value: "": claim and expression can't both be set`);
  t.is(mapped({ uid: { expression: 'foo.bar' } }), undeclared('claimMappings.uid.expression'));
  const extra = (...mappings: readonly (readonly [string, string])[]): string => mapped({ extra: mappings.map(([key, valueExpression]) => ({ key, valueExpression })) }).replace(/^claimMappings\.extra/, '');
  t.is(extra(['', 'claims.x']), '[0].key: Required value');
  t.is(extra(['example.org/foo', '']), '[0].valueExpression: Required value');
  t.is(extra(['example.org/foo', 'foo.bar']), undeclared('[0].valueExpression'));
  t.is(extra(['example.org/foo', 'claims.x'], ['example.org/foo', 'claims.y']), '[1].key: Duplicate value: "example.org/foo"');
  t.is(extra(['foo', 'claims.x']), '[0].key: Invalid value: "foo": must be a domain-prefixed path (such as "acme.io/foo")');
  t.is(extra(['example.org/Foo', 'claims.x']), '[0].key: Invalid value: "example.org/Foo": must be lowercase');
  for (const host of ['kubernetes.io', 'k8s.io', 'a.kubernetes.io', 'a.k8s.io']) t.is(extra([`${host}/foo`, 'claims.x']), `[0].key: Invalid value: "${host}/foo": k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use`);
  t.is(extra(['examplek8s.io/foo', 'claims.x'], ['k8s.io.example.org/foo', 'claims.x']), '');
});

test('who takes a name from an email looks whether it was verified', (t) => {
  const unverified = ['claims.email', "['yay', string(claims.email), 'panda'].join(' ')", 'claims.?email', '{claims.?email: "panda"}', '{"fancy": claims.?email}', '["a"].map(i, i + claims.email)', 'has(claims.email) ? claims.email : claims.sub', 'claims.email.trim()'];
  for (const expression of unverified) {
    t.is(mapped({ username: { expression } }), email(expression));
    t.is(mapped({ username: { expression } }, { claimValidationRules: [{ expression: 'string(claims.email_verified) == "panda"' }] }), '');
    t.is(mapped({ username: { expression }, extra: [{ key: 'panda.io/foo', valueExpression: 'has(claims.email_verified) ? string(claims.email_verified) : "false"' }] }), '');
    t.is(mapped({ username: { expression } }, { claimValidationRules: [{ claim: 'x', requiredValue: 'claims.email_verified' }, { expression: 'has(claims.email_verified_)' }] }), email(expression));
  }
  t.is(mapped({ username: { expression: 'claims.email', prefix: 'x' } }), 'claimMappings.username.prefix: Invalid value: "x": may not be specified when expression is set');
  for (const expression of ['claims.email_', 'claims.other.claims.email', 'claims.?email_verified.orValue(false) ? claims.email : claims.sub']) t.is(mapped({ username: { expression } }), '');
});

test('nothing in the file goes unread, and all that is wrong is told at once', (t) => {
  t.is(fault(jwt({ url: 'x' }, { claimMappings: {} })), '[jwt[0].issuer.url: Invalid value: "x": URL scheme must be https, jwt[0].claimMappings.username: Required value: claim or expression is required]');
  const read = (value: object | string): string => {
    const error = t.throws(() => (typeof value === 'string' ? parseConfiguration(Buffer.from(value)) : parse(value)), { instanceOf: AuthenticationConfigError });
    return error.message.slice(PREFIX.length);
  };
  const strict = (...problems: readonly string[]): string => `strict decoding error: ${problems.join(', ')}`;
  t.is(read({ jwt: [{ ...jwt({ autience: [] }), claimMapping: {} }], anonymus: {} }), strict('unknown field "jwt[0].issuer.autience"', 'unknown field "jwt[0].claimMapping"', 'unknown field "anonymus"'));
  t.is(read({ anonymous: { Enabled: true } }), strict('unknown field "anonymous.Enabled"'));
  t.is(read(`{"apiVersion":"${HEAD.apiVersion}","kind":"${HEAD.kind}","jwt":[],"jwt":[]}`), strict('duplicate field "jwt"'));
  t.is(read(`apiVersion: ${HEAD.apiVersion}\nkind: ${HEAD.kind}\njwt: []\njwt: []\n`), strict('yaml: unmarshal errors:\n  line 4: key "jwt" already set in map'));
  const mismatch = (found: string, where: string): string => `json: cannot unmarshal ${found} into Go struct field ${where}`;
  t.is(read({ jwt: [jwt({ audiences: 'a' })] }), mismatch('string', 'Issuer.jwt.issuer.audiences of type []string'));
  t.is(read({ jwt: [jwt({ audienceMatchPolicy: 5 })] }), mismatch('number', 'Issuer.jwt.issuer.audienceMatchPolicy of type v1.AudienceMatchPolicyType'));
  t.is(read({ jwt: 5 }), mismatch('number', 'AuthenticationConfiguration.jwt of type []v1.JWTAuthenticator'));
  t.is(read({ anonymous: { enabled: 'true' } }), mismatch('string', 'AnonymousAuthConfig.anonymous.enabled of type bool'));
  t.is(read({ apiVersion: 'apiserver.config.k8s.io/v2' }), 'no kind "AuthenticationConfiguration" is registered for version "apiserver.config.k8s.io/v2"');
  t.is(read(''), 'empty config data');
});

test('who may ask without a token, and nulls that say nothing', (t) => {
  const anonymous = (value: object | null): unknown => parse({ anonymous: value }).anonymous;
  t.deepEqual(anonymous({ enabled: true, conditions: [{ path: 'livez' }, {}, null] }), { enabled: true, conditions: [{ path: 'livez' }, {}, {}] });
  t.deepEqual([anonymous(null), anonymous({}), anonymous({ enabled: false, conditions: [] })], [undefined, { enabled: false }, { enabled: false, conditions: [] }]);
  t.is(t.throws(() => anonymous({ conditions: [{ path: '/a' }] })).message, `${PREFIX}anonymous.conditions: Invalid value: [{"Path":"/a"}]: enabled should be set to true when conditions are defined`);
  t.is(mapped({ username: { claim: 'a', prefix: null } }), 'claimMappings.username.prefix: Required value: prefix is required when claim is set. It can be set to an empty string to disable prefixing');
  t.is(mapped({ extra: null }, { claimValidationRules: [null], userValidationRules: null }), 'claimValidationRules[0]: Required value: claim or expression is required');
  t.deepEqual(parse({ apiVersion: 'apiserver.config.k8s.io/v1alpha1', jwt: [jwt({})] }).jwt.length, 1);
});
