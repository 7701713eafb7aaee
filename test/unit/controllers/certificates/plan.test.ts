import test from 'ava';
import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import { makeAuthority } from '#apiserver/pki/certificates.ts';
import { deleteAtMs } from '#controllers/certificates/plan.ts';

const HOUR_MS = 3_600_000;
const CREATED = '2026-01-01T00:00:00Z';
const DECIDED = '2026-01-01T05:00:00Z';
const request = (status: object): CertificateSigningRequest => ({
  apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'r', creationTimestamp: CREATED }, spec: { request: '', signerName: 'example.com/x' }, status: status as never,
});
const decided = (type: string) => ({ conditions: [{ type, status: 'True', lastUpdateTime: DECIDED }] });
const due = (status: object): number => (deleteAtMs(request(status)) - Date.parse(CREATED)) / HOUR_MS;

test('a request that nobody answers stays a day, one that was answered an hour', (t) => {
  t.is(due({}), 24);
  t.is(due(decided('Approved')), 29);
  t.is(due(decided('Denied')), 6);
  t.is(due(decided('Failed')), 6);
  t.is(due({ ...decided('Approved'), certificate: 'AAAA' }), 6);
});

test('a request goes with its certificate', async (t) => {
  const { cert } = await makeAuthority('x', Date.parse(CREATED) - 3650 * 24 * HOUR_MS + 2 * HOUR_MS);
  t.is(due({ ...decided('Approved'), certificate: Buffer.from(cert).toString('base64') }), 2);
});
