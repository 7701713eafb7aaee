import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { CERTIFICATE_SIGNING_REQUEST } from '#apiserver/registry/certificates/certificate-signing-request.ts';

const build = (status: object): KubeObject => ({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'r' }, spec: { request: '', signerName: 'example.com/s', usages: ['any'] }, status }) as unknown as KubeObject;
const is = (type: string, more: object = {}): object => ({ type, status: 'True', ...more });
const conditions = (...all: readonly object[]): object => ({ conditions: all });
const pem = (text: string): object => ({ certificate: Buffer.from(text).toString('base64') });
const HEADERS = '-----BEGIN CERTIFICATE-----\nA: b\n\nAAAA\n-----END CERTIFICATE-----\n';

for (const [subresource, before, after, ...expected] of [
  ['approval', {}, conditions(is('Denied'), is('Approved')), 'status.conditions: Invalid value: "Approved": Approved and Denied conditions are mutually exclusive'],
  ['approval', conditions(is('Denied'), is('Approved')), conditions(is('Approved'), is('Denied'), is('Failed'))],
  ['approval', {}, conditions(is('a'), is('a')), 'status.conditions[1].type: Duplicate value: "a"'],
  ['approval', conditions(is('b'), is('b')), conditions(is('a'), is('a'))],
  ['approval', {}, conditions(is('')), 'status.conditions[0].type: Required value'],
  ['approval', conditions(is('')), conditions(is(''))],
  ['status', conditions(is('Approved'), is('Denied'), is('Failed')), conditions(is('Denied', { reason: 'x' })), 'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
    'status.conditions: Forbidden: updates may not remove a condition of type "Failed"', 'status.conditions: Forbidden: updates may not modify a condition of type "Denied"'],
  ['status', {}, pem('x'), 'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block'],
  ['status', {}, pem(HEADERS), 'status.certificate: Invalid value: "<certificate data>": no PEM block headers are permitted'],
  ['status', pem('x'), { ...pem('x'), ...conditions(is('a')) }],
  ['status', pem('x'), pem('y'), 'status.certificate: Forbidden: updates may not modify existing certificate content'],
] as const) {
  test(`by ${subresource}, ${JSON.stringify(before)} ${expected.length === 0 ? 'may' : 'may not'} become ${JSON.stringify(after)}`, async (t) => {
    const causes = await CERTIFICATE_SIGNING_REQUEST.validate?.(build(after), build(before), undefined as never, subresource);
    t.deepEqual(causes?.map(({ field, message }) => `${field}: ${message}`), [...expected]);
  });
}
