import { CERTIFICATE_SIGNING_REQUESTS } from '#api/resources.ts';
import { certificateRequest } from '#test/support/certificate-request.ts';
import { behaviour } from './support/behaviour.ts';

behaviour('[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations [Conformance], one signer\'s step by step', async ({ t, api, server, unique }) => {
  const { request } = await certificateRequest({ commonName: 'e2e.example.com', organizations: ['testing'] });
  const spec = { request, signerName: `example.com/${unique('e2e')}`, usages: ['digital signature', 'key encipherment', 'server auth'], expirationSeconds: 3600 };
  const made = await Promise.all(['a', 'b', 'c'].map((base) => api.create(CERTIFICATE_SIGNING_REQUESTS, { metadata: { name: unique(base) }, spec })));
  const selected = { query: { fieldSelector: `spec.signerName=${spec.signerName}` } };
  const own = async () => (await api.list(CERTIFICATE_SIGNING_REQUESTS, selected)).items.map((c) => c.metadata.name);
  t.deepEqual(await own(), made.map((c) => c.metadata.name));
  const name = made[0]?.metadata.name ?? '';
  const approval = { subresource: 'approval' };
  // A condition of any type, and one more without losing it.
  const patched = await api.patch(CERTIFICATE_SIGNING_REQUESTS, name, 'merge', { metadata: { annotations: { patchedapproval: 'true' } }, status: { conditions: [{ type: 'ApprovalPatch', status: 'True', reason: 'e2e' }] } }, approval);
  t.is(patched.metadata.annotations?.['patchedapproval'], 'true');
  const conditions = [...(patched.status?.conditions ?? []), { type: 'Approved', status: 'True', reason: 'E2E', message: 'Set from an e2e test' }];
  const approved = await api.update(CERTIFICATE_SIGNING_REQUESTS, { ...patched, status: { conditions } }, approval);
  t.deepEqual(approved.status?.conditions?.map((c) => c.type), ['ApprovalPatch', 'Approved']);
  t.is((await api.failure(api.update(CERTIFICATE_SIGNING_REQUESTS, { ...approved, status: { conditions: [] } }, approval))).reason, 'Invalid');
  const status = { subresource: 'status' };
  const certificate = Buffer.from(server.ca).toString('base64');
  const issued = await api.patch(CERTIFICATE_SIGNING_REQUESTS, name, 'merge', { metadata: { annotations: { patchedstatus: 'true' } }, status: { certificate } }, status);
  t.is(issued.status?.certificate, certificate);
  const noted = await api.update(CERTIFICATE_SIGNING_REQUESTS, { ...issued, status: { ...issued.status, conditions: [...(issued.status?.conditions ?? []), { type: 'StatusUpdate', status: 'True', reason: 'E2E' }] } }, status);
  t.is(noted.status?.conditions?.at(-1)?.type, 'StatusUpdate');
  t.is(noted.status?.certificate, certificate);
  await api.deleteCollection(CERTIFICATE_SIGNING_REQUESTS, selected);
  t.deepEqual(await own(), []);
});
