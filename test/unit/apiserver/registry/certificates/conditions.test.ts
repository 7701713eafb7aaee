import test from 'ava';
import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { Environment } from '#apiserver/environment.ts';
import { CERTIFICATE_SIGNING_REQUEST } from '#apiserver/registry/certificates/certificate-signing-request.ts';
import { stampConditions, withDecisions } from '#apiserver/registry/certificates/conditions.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const NOW = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T01:00:00Z';
const of = (type: string, reason?: string) => ({ type, status: 'True', ...(reason === undefined ? {} : { reason }) });

test('decisions stay as they were, each in its turn, beside what a status adds', (t) => {
  const before = [of('Denied', 'first'), of('Approved', 'second'), of('Denied', 'third')];
  t.deepEqual(withDecisions([of('Failed'), of('Approved', 'mine'), of('Denied'), of('Denied')], before), [of('Failed'), of('Approved', 'second'), of('Denied', 'first'), of('Denied', 'third')]);
});

test('decisions that a status adds or leaves out are not mended, for validation to refuse', (t) => {
  t.deepEqual(withDecisions([of('Approved', 'mine')], []), [of('Approved', 'mine')]);
  t.deepEqual(withDecisions([], [of('Approved', 'first')]), []);
});

test('conditions are stamped with the time, but for that of a change that was no change', (t) => {
  const [same, added] = stampConditions([of('Approved'), of('Failed')], [{ ...of('Approved'), lastTransitionTime: LATER }], NOW);
  t.deepEqual(same, { ...of('Approved'), lastUpdateTime: NOW, lastTransitionTime: LATER });
  t.deepEqual(added, { ...of('Failed'), lastUpdateTime: NOW, lastTransitionTime: NOW });
});

test('a write of the status leaves the decision as it was, one of the approval words it anew', (t) => {
  const request = (...conditions: readonly object[]): KubeObject => ({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'a' }, status: { conditions } }) as unknown as KubeObject;
  const reasons = (subresource: string): unknown => {
    const env = { clock: new ManualClock(0) } as unknown as Environment;
    const written = CERTIFICATE_SIGNING_REQUEST.prepareSubresource?.(subresource, request(of('Approved', 'mine'), of('Failed')), request(of('Approved', 'first')), env);
    return (written as unknown as CertificateSigningRequest).status?.conditions?.map(({ reason }) => reason);
  };
  t.deepEqual(reasons('status'), ['first', undefined]);
  t.deepEqual(reasons('approval'), ['mine', undefined]);
});
