import { readCertificateRequest } from '#api/certificates/certificate-request.ts';
import { CLIENT_SIGNER } from '#api/certificates/signers.ts';
import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import { forbidden } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Environment } from '../environment.ts';
import { conditionsOf } from '../registry/certificates/conditions.ts';
import { isEqual } from '../storage/equality.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';

type Request = CertificateSigningRequest & KubeObject;

const MASTERS = 'system:masters';
const isFor = ({ operation, resource, subresource }: AdmissionRequest, wanted: AdmissionRequest['operation'], part: string): boolean =>
  operation === wanted && subresource === part && groupResource(resource) === 'certificatesigningrequests.certificates.k8s.io';

/** To approve or deny takes the right `approve` on the signer. */
export const CERTIFICATE_APPROVAL: AdmissionPlugin = {
  name: 'CertificateApproval',
  handles: (request) => isFor(request, 'UPDATE', 'approval'),
  validate: (request, env) => requireSignerRight(env, request, 'approve'),
};

/** To set the certificate, or to say that there is none, takes the right `sign` on the signer. */
export const CERTIFICATE_SIGNING: AdmissionPlugin = {
  name: 'CertificateSigning',
  handles: (request) => isFor(request, 'UPDATE', 'status'),
  validate(request, env) {
    const [object, live] = [request.object as Request, request.live as Request];
    const isSame = object.status?.certificate === live.status?.certificate && isEqual(conditionsOf(object, 'Failed'), conditionsOf(live, 'Failed'));
    if (!isSame) requireSignerRight(env, request, 'sign');
  },
};

/** No certificate that the API server trusts makes its bearer the master of all. */
export const CERTIFICATE_SUBJECT_RESTRICTION: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  handles: (request) => isFor(request, 'CREATE', ''),
  async validate({ resource, name, object }) {
    const { spec } = object as Request;
    if (spec.signerName !== CLIENT_SIGNER) return;
    const { organizations } = await readCertificateRequest(spec.request);
    if (organizations.includes(MASTERS)) throw forbidden(resource, name, `use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`);
  },
};

function requireSignerRight(env: Environment, { resource, name, live, context }: AdmissionRequest, verb: 'approve' | 'sign'): void {
  const { signerName } = (live as Request).spec;
  if (mayUseSigner(env, context.user, verb, signerName)) return;
  throw forbidden(resource, name, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`);
}

/** The right on the signer itself, or on all of its domain. */
function mayUseSigner(env: Environment, user: UserInfo, verb: string, signerName: string): boolean {
  const domain = signerName.split('/')[0] ?? '';
  return [signerName, `${domain}/*`].some((name) =>
    env.authorizer.authorize({ user, verb, isResource: true, group: 'certificates.k8s.io', resource: 'signers', subresource: '', namespace: '', name, path: '' }).isAllowed);
}
