import { X509Certificate } from 'node:crypto';
import { readCertificateRequest } from '#api/certificates/certificate-request.ts';
import { LEGACY_SIGNER } from '#api/certificates/signers.ts';
import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import { dns1123Subdomain } from '#api/names.ts';
import type { KubeObject } from '#api/object.ts';
import { Problems } from '#api/validation/problems.ts';
import { asError } from '#base/errors.ts';
import { formatTime } from '#base/clock.ts';
import type { Strategy } from '../strategy.ts';
import { stampConditions, validateConditions, validateConditionsUpdate, withDecisions } from './conditions.ts';

type Request = CertificateSigningRequest & KubeObject;

const MIN_SECONDS = 600;
const USAGES: readonly string[] = [
  'any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only', 'digital signature', 'email protection', 'encipher only',
  'ipsec end system', 'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping',
];

/** Who asks is who is logged in; what is asked for never changes; the certificate and its conditions have rules of their own. */
export const CERTIFICATE_SIGNING_REQUEST: Strategy = {
  prepareCreate(object, _env, { user }) {
    const { username: _u, uid: _i, groups: _g, extra: _e, ...spec } = (object as Partial<Request>).spec ?? ({} as Request['spec']);
    const requester = { username: user.name, ...(user.uid ? { uid: user.uid } : {}), groups: user.groups, ...(user.extra ? { extra: user.extra } : {}) };
    return { ...object, spec: { ...spec, ...requester } } as KubeObject;
  },
  prepareUpdate: (object, live) => ({ ...object, spec: (live as Request).spec }) as KubeObject,
  prepareSubresource(subresource, object, live, env) {
    const { status = {} } = object as Request;
    const before = (live as Request).status ?? {};
    const decided = before.conditions ?? [];
    const sent = status.conditions ?? [];
    const conditions = stampConditions(subresource === 'status' ? withDecisions(sent, decided) : sent, decided, formatTime(env.clock.now()));
    // An approval decides; it never brings the certificate.
    const base = subresource === 'approval' ? before : status;
    const { conditions: _, ...rest } = base;
    return { ...object, status: { ...rest, ...(conditions.length > 0 ? { conditions } : {}) } } as KubeObject;
  },
  async validate(object, live, _env, subresource) {
    const request = object as Request;
    const problems = new Problems();
    if (live === undefined) await validateSpec(problems, request);
    const before = (live as Request | undefined)?.status;
    validateConditions(problems, request.status?.conditions ?? [], before?.conditions ?? []);
    validateCertificate(problems, request.status?.certificate, before?.certificate);
    if (live) validateChange(problems, request, live as Request, subresource);
    return problems.causes;
  },
};

async function validateSpec(problems: Problems, { spec }: Request): Promise<void> {
  await readCertificateRequest(spec.request ?? '').catch((error: unknown) => problems.invalid('spec.request', spec.request ?? '', asError(error).message));
  const usages = spec.usages ?? [];
  if (usages.length === 0) problems.required('spec.usages');
  for (const [i, usage] of usages.entries()) if (!USAGES.includes(usage)) problems.notSupported(`spec.usages[${i}]`, usage, USAGES);
  problems.unique((i) => `spec.usages[${i}]`, usages);
  validateSignerName(problems, spec.signerName);
  const { expirationSeconds } = spec;
  if (expirationSeconds !== undefined && expirationSeconds < MIN_SECONDS) problems.invalid('spec.expirationSeconds', expirationSeconds, 'may not specify a duration less than 600 seconds (10 minutes)');
}

/** `<domain with a dot>/<path of domain names, joined by dots>`, 571 characters at most. */
function validateSignerName(problems: Problems, name: string | undefined): void {
  const field = 'spec.signerName';
  if (!name) return problems.required(field);
  if (name === LEGACY_SIGNER) return problems.invalid(field, name, 'the legacy signerName is not allowed via this API version');
  const [domain = '', path = '', ...more] = name.split('/');
  if (more.length > 0 || path === '') return problems.invalid(field, name, 'must be a fully qualified domain and path of the form "example.com/signer-name"');
  problems.check(field, domain, dns1123Subdomain);
  if (!domain.includes('.')) problems.invalid(field, domain, 'should be a domain with at least two segments separated by dots');
  problems.check(field, path, dns1123Subdomain);
}

/** One that does not change, or comes after a wrong one, is not looked at. */
function validateCertificate(problems: Problems, certificate: string | undefined, before: string | undefined): void {
  if ((certificate ?? '') === (before ?? '') || faultOf(before) !== undefined) return;
  const fault = faultOf(certificate);
  if (fault !== undefined) problems.invalid('status.certificate', '<certificate data>', fault);
}

function faultOf(certificate: string | undefined): string | undefined {
  if (!certificate) return undefined;
  const text = Buffer.from(certificate, 'base64').toString('latin1');
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g)];
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block';
  for (const [block, type] of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    if (/^[^\n]*\n[^\n:]+:/.test(block)) return 'no PEM block headers are permitted';
    try {
      new X509Certificate(block);
    } catch (error) {
      return asError(error).message;
    }
  }
  return undefined;
}

function validateChange(problems: Problems, request: Request, live: Request, subresource: string): void {
  validateConditionsUpdate(problems, request, live, subresource === 'approval');
  const before = live.status?.certificate ?? '';
  if ((request.status?.certificate ?? '') === before) return;
  if (subresource !== 'status') problems.forbidden('status.certificate', 'updates may not set certificate content');
  else if (before !== '') problems.forbidden('status.certificate', 'updates may not modify existing certificate content');
}

