import type { CommitStatusSpec, LocalReference, Repository, RepositorySpec, Signer } from '#api/headway/v1/types.ts';
import { dns1123Subdomain } from '#api/names.ts';
import type { Problems } from './problems.ts';

const URL_FORM = /^(?:https?:\/\/[^/]|ssh:\/\/[^/]|[\w.-]+@[\w.][\w.-]*:[^:]|file:\/\/\/|\/)/;
const CHART_URL = /^(?:https?|oci):\/\/[^/?#@]+(?:\/[^?#]*)?$/;
const CHART_NAME = /^[a-z0-9](?:[a-z0-9._-]{0,252}[a-z0-9])?$/i;
const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/;
/** What `git check-ref-format` refuses, and what would be read as an option. */
const BAD_REF = /^-|\.\.|[\p{Cc}\s~^:?*[\\]|@\{|\/\/|\.lock$|[/.]$/u;
/** `^1.2`, `>=1.0.0-0`, `1.x`, `*`: one part of a range of versions. */
const VERSION_PART = /^(?:[\^~]|[<>]=?|=)?v?(?:\d+|[xX*])(?:\.(?:\d+|[xX*])){0,2}(?:-[\w.-]+)?(?:\+[\w.-]+)?$/;
const MAX_TEXT = 64 * 1024;

/** What can be told without asking anybody; the Repository's condition tells the rest. */
export function validateRepository(problems: Problems, { spec }: Repository): void {
  if (!spec?.url) problems.required('spec.url');
  else if (spec.chart) validateChart(problems, spec);
  else if (!URL_FORM.test(spec.url) || /[\p{Cc}\s]/u.test(spec.url)) problems.invalid('spec.url', spec.url, 'must be an https://, ssh:// or git@host:path address, or an absolute path');
  if (spec?.ref && BAD_REF.test(spec.ref) && !isVersionRange(spec.ref)) problems.invalid('spec.ref', spec.ref, 'must be a branch, a tag, a commit id or a range of versions');
  if (spec?.pollInterval && !DURATION.test(spec.pollInterval)) problems.invalid('spec.pollInterval', spec.pollInterval, 'must be a duration such as 15s, 1m30s or 1h');
  if (spec?.secretRef) validateReference(problems, 'spec.secretRef', spec.secretRef);
  if (spec?.secretRef && spec.url && /^(?:\/|file:)/.test(spec.url)) problems.forbidden('spec.secretRef', 'a local repository is read without credentials');
  if (spec?.submodules && spec.url && /^(?:\/|file:)/.test(spec.url)) problems.forbidden('spec.submodules', 'a local repository is read in place, without its submodules');
  if (spec?.verification) validateSigners(problems, spec.verification.signers ?? []);
  for (const [i, pattern] of (spec?.ignore ?? []).entries()) if (/[\n\r\0]/.test(pattern) || pattern === '') problems.invalid(`spec.ignore[${i}]`, pattern, 'must be one line of a .gitignore');
  if (spec?.webhook) validateReference(problems, 'spec.webhook.secretRef', spec.webhook.secretRef);
  if (spec?.commitStatus) validateCommitStatus(problems, spec.commitStatus);
}

/** Nothing tells of a published chart, and nobody has signed a commit of it. */
function validateChart(problems: Problems, spec: RepositorySpec): void {
  const { url, chart = '', ref } = spec;
  if (!CHART_URL.test(url) || /[\p{Cc}\s]/u.test(url)) problems.invalid('spec.url', url, 'must be an https:// address of a chart repository, or an oci:// address of a registry');
  if (!CHART_NAME.test(chart)) problems.invalid('spec.chart', chart, 'must be the name of a chart, such as ingress-nginx');
  if (ref && ref !== 'main' && !isVersionRange(ref)) problems.invalid('spec.ref', ref, 'must be a version or a range of versions');
  for (const name of ['verification', 'webhook', 'commitStatus', 'submodules'] as const) if (spec[name]) problems.forbidden(`spec.${name}`, 'charts have no commits of their own');
}

const isVersionRange = (ref: string): boolean => {
  const parts = ref.replaceAll(/([<>=~^])\s+/g, '$1').trim().split(/\s*\|\|\s*|\s+-\s+|\s+/);
  return parts.every((part) => VERSION_PART.test(part));
};

function validateReference(problems: Problems, field: string, reference: LocalReference | undefined): void {
  problems.checkRequired(`${field}.name`, reference?.name, dns1123Subdomain);
}

function validateSigners(problems: Problems, signers: readonly Signer[]): void {
  const field = 'spec.verification.signers';
  if (signers.length === 0) problems.required(field, 'without a signer no commit could ever be accepted');
  problems.unique((i) => `${field}[${i}].name`, signers.map(({ name }) => name));
  for (const [i, { name, pgp, ssh }] of signers.entries()) {
    if (!name) problems.required(`${field}[${i}].name`);
    else if (/[\p{Cc}]/u.test(name)) problems.invalid(`${field}[${i}].name`, name, 'must be one line');
    if (!pgp === !ssh) problems.invalidOmitted(`${field}[${i}]`, 'must have exactly one of pgp and ssh');
    if (pgp && !pgp.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')) problems.invalidOmitted(`${field}[${i}].pgp`, 'must be an armored public key');
    if (pgp && pgp.length > MAX_TEXT) problems.tooLong(`${field}[${i}].pgp`, MAX_TEXT);
    if (ssh && !/^(?:ssh|ecdsa|sk)-[\w@.-]+\s+AAAA[A-Za-z0-9+/]+=*(?:\s[^\n\r]*)?\s*$/.test(ssh)) problems.invalidOmitted(`${field}[${i}].ssh`, 'must be a public key such as "ssh-ed25519 AAAA…"');
  }
}

function validateCommitStatus(problems: Problems, { secretRef, apiURL }: CommitStatusSpec): void {
  validateReference(problems, 'spec.commitStatus.secretRef', secretRef);
  if (apiURL && !/^https?:\/\/[^/\s?#@]+(?:\/[^\s?#]*)?$/.test(apiURL)) problems.invalid('spec.commitStatus.apiURL', apiURL, 'must be an https:// address without user, query and fragment');
}
