import test from 'ava';
import { acceptNames, takenNames } from '#apiserver/crd/accepted-names.ts';
import type { Definition } from '#apiserver/crd/conditions.ts';
import { PODS } from '#api/resources.ts';

const definition = (plural: string, more: Partial<Definition['spec']['names']> = {}, group = 'example.com'): Definition => ({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.${group}` },
  spec: { group, scope: 'Namespaced', names: { plural, singular: plural, kind: plural.toUpperCase(), listKind: `${plural.toUpperCase()}List`, ...more }, versions: [{ name: 'v1', served: true, storage: true }] },
});
const accepted = (of: Definition): Definition => ({ ...of, status: acceptNames(of, takenNames(of, [], []), 0) });
const conditionsOf = (of: Definition, others: readonly Definition[]) => Object.fromEntries((acceptNames(of, takenNames(of, others, [PODS]), 60_000).conditions ?? []).map((c) => [c.type, c]));

test('free names are granted, and the definition is in force', (t) => {
  const { NamesAccepted, Established } = conditionsOf(definition('foos'), [accepted(definition('bars'))]);
  t.like(NamesAccepted, { status: 'True', reason: 'NoConflicts', message: 'no conflicts found', lastTransitionTime: '1970-01-01T00:01:00Z' });
  t.like(Established, { status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' });
});

const CONFLICTS: readonly { readonly title: string; readonly names: Partial<Definition['spec']['names']>; readonly reason: string; readonly name: string }[] = [
  { title: 'singular', names: { singular: 'bars' }, reason: 'SingularConflict', name: 'bars' },
  { title: 'short name', names: { shortNames: ['x', 'bars'] }, reason: 'ShortNamesConflict', name: 'bars' },
  { title: 'kind', names: { kind: 'BARS' }, reason: 'KindConflict', name: 'BARS' },
  { title: 'list kind', names: { listKind: 'BARSList' }, reason: 'ListKindConflict', name: 'BARSList' },
];
for (const { title, names, reason, name } of CONFLICTS) {
  test(`a ${title} that another definition holds is refused`, (t) => {
    const { NamesAccepted, Established } = conditionsOf(definition('foos', names), [accepted(definition('bars'))]);
    t.like(NamesAccepted, { status: 'False', reason, message: `"${name}" is already in use` });
    t.like(Established, { status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' });
  });
}

test('all short names that are held are told of', (t) => {
  const others = [accepted(definition('bars', { shortNames: ['b', 'r'] }))];
  t.is(conditionsOf(definition('foos', { shortNames: ['b', 'f', 'r'] }), others)['NamesAccepted']?.message, '["b" is already in use, "r" is already in use]');
});

test('a definition is not given its own name once more', (t) => {
  const granted = accepted(definition('foos'));
  const asksAgain = { ...granted, spec: definition('foos', { shortNames: ['foos'] }).spec };
  t.like(conditionsOf(asksAgain, [granted])['NamesAccepted'], { status: 'False', reason: 'ShortNamesConflict', message: '"foos" is already in use' });
  t.is(conditionsOf(granted, [granted])['NamesAccepted']?.status, 'True');
});

test('names of other groups and of built-in kinds of the same group are told apart', (t) => {
  t.is(conditionsOf(definition('foos', { kind: 'BARS' }), [accepted(definition('bars', {}, 'other.com'))])['NamesAccepted']?.status, 'True');
  t.is(conditionsOf(definition('foos', { shortNames: ['po'] }, ''), [])['NamesAccepted']?.reason, 'ShortNamesConflict');
});

test('what was in force stays so with the names that it has, and times of transition stay', (t) => {
  const changed = { ...accepted(definition('foos')), spec: definition('foos', { shortNames: ['bars'] }).spec };
  const { NamesAccepted, Established } = conditionsOf(changed, [accepted(definition('bars'))]);
  t.like(NamesAccepted, { status: 'False', reason: 'ShortNamesConflict' });
  t.like(Established, { status: 'True', lastTransitionTime: '1970-01-01T00:00:00Z' });
});

test('a webhook with certificates that cannot be read keeps a definition from being in force', (t) => {
  const converted = (caBundle: string): Definition => {
    const of = definition('foos');
    return { ...of, spec: { ...of.spec, conversion: { strategy: 'Webhook', webhook: { clientConfig: { caBundle, url: 'https://hook.example.com' }, conversionReviewVersions: ['v1'] } } } };
  };
  const { NamesAccepted, Established } = conditionsOf(converted('Cg=='), []);
  t.is(NamesAccepted?.status, 'True');
  t.like(Established, { status: 'False', reason: 'InvalidCABundle', message: 'The conversion webhook CABundle is invalid' });
  const was = { ...converted('Cg=='), status: { conditions: [{ type: 'Established', status: 'True', reason: 'InitialNamesAccepted' }] } };
  t.is(conditionsOf(was as Definition, [])['Established']?.status, 'True');
});

test('groups of the Kubernetes project need an approval', (t) => {
  const of = (annotation?: string) => ({ ...definition('foos', {}, 'gateway.networking.k8s.io'), metadata: { name: 'x', ...(annotation === undefined ? {} : { annotations: { 'api-approved.kubernetes.io': annotation } }) } });
  const reason = (annotation?: string) => conditionsOf(of(annotation), [])['KubernetesAPIApprovalPolicyConformant']?.reason;
  t.deepEqual([reason(), reason('unapproved, a trial'), reason('https://github.com/kubernetes/pull/1'), reason('yes')], ['MissingAnnotation', 'UnapprovedAnnotation', 'ApprovedAnnotation', 'InvalidAnnotation']);
});
