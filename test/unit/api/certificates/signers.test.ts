import test from 'ava';
import type { CertificateRequestFacts } from '#api/certificates/certificate-request.ts';
import { CLIENT_SIGNER, LEGACY_SIGNER, NODE_CLIENT_SIGNER, NODE_SERVING_SIGNER, SIGNER_RULES } from '#api/certificates/signers.ts';

const NODE: CertificateRequestFacts = { commonName: 'system:node:n', organizations: ['system:nodes'], dnsNames: [], ipAddresses: [], emailAddresses: [], uris: [] };
const why = (signer: string, facts: Partial<CertificateRequestFacts>, ...usages: readonly string[]): string | undefined => SIGNER_RULES[signer]?.({ ...NODE, ...facts }, usages);
const [SIGNATURE, ENCIPHERMENT] = ['digital signature', 'key encipherment'];

test('clients', (t) => {
  t.is(why(CLIENT_SIGNER, {}, 'client auth', SIGNATURE, ENCIPHERMENT), undefined);
  t.is(why(CLIENT_SIGNER, {}, 'client auth', 'server auth'), 'invalid usage for client certificate: server auth');
  t.is(why(CLIENT_SIGNER, {}, SIGNATURE), 'missing required usage for client certificate: client auth');
  t.is(why(LEGACY_SIGNER, {}, 'server auth'), undefined);
});

test('nodes as clients', (t) => {
  const usages = ['client auth', SIGNATURE, ENCIPHERMENT];
  t.is(why(NODE_CLIENT_SIGNER, {}, ...usages), undefined);
  t.is(why(NODE_CLIENT_SIGNER, {}, 'client auth', SIGNATURE), undefined);
  t.is(why(NODE_CLIENT_SIGNER, {}, 'client auth', ENCIPHERMENT), 'usages did not match [client auth digital signature key encipherment]');
  t.is(why(NODE_CLIENT_SIGNER, {}, ...usages, 'server auth'), 'usages did not match [client auth digital signature key encipherment]');
  t.is(why(NODE_CLIENT_SIGNER, { organizations: ['system:nodes', 'x'] }, ...usages), 'subject organization is not system:nodes');
  t.is(why(NODE_CLIENT_SIGNER, { commonName: 'n', dnsNames: ['n'] }, ...usages), 'DNS subjectAltNames are not allowed');
  t.is(why(NODE_CLIENT_SIGNER, { emailAddresses: ['a@b'] }, ...usages), 'Email subjectAltNames are not allowed');
  t.is(why(NODE_CLIENT_SIGNER, { ipAddresses: ['1.2.3.4'] }, ...usages), 'IP subjectAltNames are not allowed');
  t.is(why(NODE_CLIENT_SIGNER, { uris: ['x:y'] }, ...usages), 'URI subjectAltNames are not allowed');
  t.is(why(NODE_CLIENT_SIGNER, { commonName: 'n' }, ...usages), 'subject common name does not begin with system:node:');
});

test('nodes as servers', (t) => {
  const usages = ['server auth', SIGNATURE, ENCIPHERMENT];
  const names = { dnsNames: ['n'] };
  t.is(why(NODE_SERVING_SIGNER, names, ...usages), undefined);
  t.is(why(NODE_SERVING_SIGNER, { ipAddresses: ['1.2.3.4'] }, 'server auth', SIGNATURE), undefined);
  t.is(why(NODE_SERVING_SIGNER, {}, ...usages), 'DNS or IP subjectAltName is required');
  t.is(why(NODE_SERVING_SIGNER, { ...names, emailAddresses: ['a@b'] }, ...usages), 'Email subjectAltNames are not allowed');
  t.is(why(NODE_SERVING_SIGNER, names, 'client auth', SIGNATURE), 'usages did not match [digital signature key encipherment server auth]');
  t.is(why(NODE_SERVING_SIGNER, { ...names, commonName: 'n' }, ...usages), 'subject common name does not begin with system:node:');
});
