import anyTest, { type TestFn } from 'ava';
import { encodeContinue } from '#apiserver/verbs/continue-token.ts';
import { CONFIG_MAPS, ask, configMap, type PlaneContext, type Rule, testRules, withPlane } from '#test/support/rule-table.ts';

const test = anyTest as TestFn<PlaneContext>;
withPlane(test, (plane) => ask(plane, { method: 'POST', path: CONFIG_MAPS, body: configMap('present') }));

const badOptions = (kind: string, ...causes: readonly (readonly [reason: string, field: string, message: string])[]): object => ({
  kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'Invalid', code: 422,
  message: `${kind}.meta.k8s.io "" is invalid: ${causes.length === 1 ? causes.map(([, field, message]) => `${field}: ${message}`).join('') : `[${causes.map(([, field, message]) => `${field}: ${message}`).join(', ')}]`}`,
  details: { group: 'meta.k8s.io', kind, causes: causes.map(([reason, field, message]) => ({ reason, field, message })) },
});
const forbiddenMatch = (why: string): readonly [string, string, string] => ['FieldValueForbidden', 'resourceVersionMatch', `Forbidden: ${why}`];
const list = (rule: string, query: string, status: number, like?: object): Rule => ({ rule: `list: ${rule}`, path: `${CONFIG_MAPS}?${query}`, status, ...(like ? { like } : {}) });
const watch = (rule: string, query: string, status: number, like?: object): Rule => ({ rule: `watch: ${rule}`, path: `${CONFIG_MAPS}?watch=true&timeoutSeconds=1&${query}`, status, ...(like ? { like } : {}) });
const create = (rule: string, query: string, status: number, like?: object): Rule => ({ rule: `create: ${rule}`, method: 'POST', path: `${CONFIG_MAPS}?${query}`, body: configMap(rule.replace(/[^a-z]/g, '-').slice(0, 60).replace(/^-|-+$/g, '')), status, ...(like ? { like } : {}) });
const remove = (rule: string, query: string, body: unknown, status: number, like?: object): Rule => ({ rule: `delete: ${rule}`, method: 'DELETE', path: `${CONFIG_MAPS}/present?${query}`, body, status, ...(like ? { like } : {}) });
const patch = (rule: string, type: string, query: string, status: number, like?: object): Rule => ({ rule: `patch: ${rule}`, method: 'PATCH', path: `${CONFIG_MAPS}/present?${query}`, type: `application/${type}`, body: configMap('present'), status, ...(like ? { like } : {}) });

const NOT_SUPPORTED = 'FieldValueNotSupported';
const LONG = 'x'.repeat(129);

testRules(test, [
  list('a match needs a version', 'resourceVersionMatch=NotOlderThan', 422, badOptions('ListOptions', forbiddenMatch('resourceVersionMatch is forbidden unless resourceVersion is provided'))),
  list('no exact match of any version', 'resourceVersionMatch=Exact&resourceVersion=0', 422, badOptions('ListOptions', forbiddenMatch('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))),
  list('an unknown match', 'resourceVersionMatch=Newest&resourceVersion=1', 422, badOptions('ListOptions', [NOT_SUPPORTED, 'resourceVersionMatch', 'Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""'])),
  list('several faults are told together', 'resourceVersionMatch=Newest&sendInitialEvents=true', 422, badOptions('ListOptions', forbiddenMatch('resourceVersionMatch is forbidden unless resourceVersion is provided'), [NOT_SUPPORTED, 'resourceVersionMatch', 'Unsupported value: "Newest": supported values: "Exact", "NotOlderThan", ""'], ['FieldValueForbidden', 'sendInitialEvents', 'Forbidden: sendInitialEvents is forbidden for list'])),
  list('a version that is no number', 'resourceVersion=abc', 400, { reason: 'BadRequest', message: 'invalid resource version: resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax' }),
  list('a version beyond 64 bits', 'resourceVersion=18446744073709551616', 400, { message: 'invalid resource version: resourceVersion: Invalid value: "18446744073709551616": strconv.ParseUint: parsing "18446744073709551616": value out of range' }),
  list('any version', 'resourceVersion=0', 200),
  list('any version, or newer', 'resourceVersion=0&resourceVersionMatch=NotOlderThan', 200),
  list('a limit that is no number', 'limit=many', 400, { message: 'strconv.ParseInt: parsing "many": invalid syntax' }),
  list('a limit below nothing is none', 'limit=-1', 200, { kind: 'ConfigMapList' }),
  list('a token that is no JSON', 'continue=eA', 400, { reason: 'BadRequest', message: "invalid continue token: continue key is not valid: invalid character 'x' looking for beginning of value" }),
  list('a match and a token, however broken', 'continue=garbage&resourceVersion=0&resourceVersionMatch=NotOlderThan', 422, badOptions('ListOptions', forbiddenMatch('resourceVersionMatch is forbidden when continue is provided'))),
  list('a broken token and a version that is no number', 'continue=eA&resourceVersion=abc', 400, { message: "invalid continue token: continue key is not valid: invalid character 'x' looking for beginning of value" }),
  list('a token and a version', `continue=${encodeContinue({ revision: 1, namespace: 'default', name: 'a' })}&resourceVersion=abc`, 400, { message: 'specifying resource version is not allowed when using continue' }),
  list('a limit beyond 64 bits', 'limit=9223372036854775808', 400, { message: 'strconv.ParseInt: parsing "9223372036854775808": value out of range' }),
  list('a timeout that is no number', 'timeoutSeconds=soon', 400, { message: 'strconv.ParseInt: parsing "soon": invalid syntax' }),
  list('a part of objects that no Table is asked for', 'includeObject=all', 200),
  { ...list('a part of objects that a Table does not know', 'includeObject=all', 400, { reason: 'BadRequest', message: "Unable to convert to Table as requested: includeObject: Invalid value: \"all\": must be 'Metadata', 'Object', 'None', or empty" }), headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' } },
  list('an unknown parameter says nothing', 'colour=blue', 200),

  watch('initial events need a match', 'sendInitialEvents=true', 422, badOptions('ListOptions', forbiddenMatch('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'))),
  watch('a match needs initial events', 'resourceVersionMatch=NotOlderThan', 422, badOptions('ListOptions', forbiddenMatch('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'))),
  watch('an exact match is none of a watch', 'sendInitialEvents=true&resourceVersionMatch=Exact', 422, badOptions('ListOptions', forbiddenMatch('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'), [NOT_SUPPORTED, 'resourceVersionMatch', 'Unsupported value: "Exact": supported values: "NotOlderThan"'])),
  watch('a watch from the start says both, and so bears no token', 'continue=x', 422, badOptions('ListOptions', forbiddenMatch('resourceVersionMatch is forbidden when continue is provided'))),
  watch('one from any version neither', 'continue=x&resourceVersion=0', 422, badOptions('ListOptions', forbiddenMatch('resourceVersionMatch is forbidden when continue is provided'))),
  watch('a selector that says nothing, and a version that is no number', 'labelSelector=%3D%3D&resourceVersion=abc', 400, { reason: 'BadRequest' }),
  { rule: 'the old paths of watches are held to the rules of lists', path: `${CONFIG_MAPS.replace('/v1/', '/v1/watch/')}?sendInitialEvents=true`, status: 422, like: badOptions('ListOptions', ['FieldValueForbidden', 'sendInitialEvents', 'Forbidden: sendInitialEvents is forbidden for list']) },
  watch('a match and a token', 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x', 422, badOptions('ListOptions', forbiddenMatch('resourceVersionMatch is forbidden when continue is provided'))),
  watch('a version that is no number', 'resourceVersion=abc', 500, { reason: undefined, message: 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax' }),
  watch('a limit that is no number', 'limit=many', 400, { message: 'strconv.ParseInt: parsing "many": invalid syntax' }),
  watch('a field that cannot be selected by', 'fieldSelector=data.a%3Db', 400, { reason: 'BadRequest' }),

  create('a dry run of another sort', 'dryRun=Some', 422, badOptions('CreateOptions', [NOT_SUPPORTED, 'dryRun', 'Unsupported value: ["Some"]: supported values: "All"'])),
  create('each dry run is looked at', 'dryRun=All&dryRun=Some', 422, badOptions('CreateOptions', [NOT_SUPPORTED, 'dryRun', 'Unsupported value: ["All","Some"]: supported values: "All"'])),
  create('an empty dry run is none', 'dryRun=', 422, badOptions('CreateOptions', [NOT_SUPPORTED, 'dryRun', 'Unsupported value: [""]: supported values: "All"'])),
  create('a dry run said twice', 'dryRun=All&dryRun=All', 201),
  create('a long manager', `fieldManager=${LONG}`, 422, badOptions('CreateOptions', ['FieldValueTooLong', 'fieldManager', 'Too long: may not be more than 128 bytes'])),
  create('a manager that cannot be printed', 'fieldManager=a%01b', 422, badOptions('CreateOptions', ['FieldValueInvalid', 'fieldManager', 'Invalid value: "a\\x01b": invalid character U+0001 (at position 1)'])),
  create('a manager of other letters', 'fieldManager=k%C3%BCche', 201),
  create('an unknown validation of fields', 'fieldValidation=Loose', 422, badOptions('CreateOptions', [NOT_SUPPORTED, 'fieldValidation', 'Unsupported value: "Loose": supported values: "", "Ignore", "Strict", "Warn"'])),
  create('a pretty answer', 'pretty=true', 201),

  patch('only an apply is forced', 'merge-patch+json', 'force=true', 422, badOptions('PatchOptions', ['FieldValueForbidden', 'force', 'Forbidden: may not be specified for non-apply patch'])),
  patch('an apply has a manager', 'apply-patch+yaml', '', 422, badOptions('PatchOptions', ['FieldValueRequired', 'fieldManager', 'Required value: is required for apply patch'])),
  patch('a dry run of another sort', 'merge-patch+json', 'dryRun=Some', 422, badOptions('PatchOptions', [NOT_SUPPORTED, 'dryRun', 'Unsupported value: ["Some"]: supported values: "All"'])),
  { rule: 'update: a dry run of another sort', method: 'PUT', path: `${CONFIG_MAPS}/present?dryRun=Some`, body: configMap('present'), status: 422, like: badOptions('UpdateOptions', [NOT_SUPPORTED, 'dryRun', 'Unsupported value: ["Some"]: supported values: "All"']) },

  remove('an unknown policy', '', { propagationPolicy: 'Sideways' }, 422, badOptions('DeleteOptions', [NOT_SUPPORTED, 'propagationPolicy', 'Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"'])),
  remove('the old and the new way at once', '', { propagationPolicy: 'Orphan', orphanDependents: true }, 422, badOptions('DeleteOptions', ['FieldValueInvalid', 'propagationPolicy', 'Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set'])),
  remove('a dry run of another sort', 'dryRun=Some', undefined, 422, badOptions('DeleteOptions', [NOT_SUPPORTED, 'dryRun', 'Unsupported value: ["Some"]: supported values: "All"'])),
  remove('each dry run is looked at', 'dryRun=All&dryRun=Some', undefined, 422),
  remove('a time of grace that is no number', 'gracePeriodSeconds=soon', undefined, 400, { message: 'strconv.ParseInt: parsing "soon": invalid syntax' }),
  remove('a time of grace that is text', '', { gracePeriodSeconds: '1' }, 400, { reason: 'BadRequest' }),
  remove('a dry run of two sorts in one word', 'dryRun=All,All', undefined, 422, badOptions('DeleteOptions', [NOT_SUPPORTED, 'dryRun', 'Unsupported value: ["All,All"]: supported values: "All"'])),
  remove('options that are no JSON', '', '{', 400, { message: "couldn't get version/kind; json parse error: unexpected end of JSON input" }),
  remove('another kind than options', '', configMap('present'), 400, { message: 'decoded object cannot be converted to DeleteOptions' }),
  remove('the wish to delete what cannot be read is overheard', '', { ignoreStoreReadErrorWithClusterBreakingPotential: true, gracePeriodSeconds: 0, dryRun: ['All'] }, 200, { status: 'Success' }),
  remove('another UID', '', { preconditions: { uid: 'x' } }, 409, { reason: 'Conflict', details: { name: 'present', kind: 'ConfigMap' } }),
  remove('another version', '', { preconditions: { resourceVersion: '1' } }, 409, { reason: 'Conflict' }),
  remove('a dry run by body', '', { dryRun: ['All'] }, 200, { status: 'Success', details: { name: 'present', kind: 'configmaps' } }),
  remove('a dry run by query', 'dryRun=All', undefined, 200, { status: 'Success' }),
]);
