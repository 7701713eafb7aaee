import test from 'ava';
import type { ConfigMap } from '#api/generated/core/v1.ts';
import { CONFIG_MAPS, NAMESPACES } from '#api/resources.ts';
import { rootCaPublisher } from '#controllers/service-account/root-ca-publisher.ts';
import { ControllerRound, type RoundOptions } from '#test/support/controller-round.ts';

const ANNOTATION = 'kubernetes.io/description';
const map = (data: Readonly<Record<string, string>>, annotations: Readonly<Record<string, string>> = { [ANNOTATION]: 'what it is' }): ConfigMap =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'team', name: 'kube-root-ca.crt', annotations }, data });
const NAMESPACE = [NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' }, spec: {} }];
const roundOf = (...maps: readonly ConfigMap[]): ControllerRound =>
  new ControllerRound({ controller: rootCaPublisher('CA'), objects: [NAMESPACE, ...maps.map((m) => [CONFIG_MAPS, m])] as unknown as RoundOptions['objects'] });

for (const [what, maps, isDue] of [
  ['absent', [], true], ['as it should be', [map({ 'ca.crt': 'CA' })], false], ['another CA', [map({ 'ca.crt': 'other' })], true], ['more than the CA', [map({ 'ca.crt': 'CA', more: 'x' })], true],
  ['without a description', [map({ 'ca.crt': 'CA' }, {})], true],
] as const) {
  test(`a ConfigMap that is ${what} is ${isDue ? 'written' : 'left alone'}`, async (t) => {
    const round = roundOf(...maps);
    t.is(round.isDue('team'), isDue);
    if (!isDue) return;
    await round.reconcile('team');
    const written = round.writes[0]?.body as ConfigMap;
    t.deepEqual(written.data, { 'ca.crt': 'CA' });
    t.regex(written.metadata.annotations?.[ANNOTATION] ?? '', /^Contains a CA bundle/);
  });
}
