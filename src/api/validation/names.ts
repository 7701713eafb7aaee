import type { Problems } from './problems.ts';
import { dns1123Subdomain } from '#api/names.ts';

const HTTP_PATH = /^[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/;
const BAD_PATH = "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";
const MAX_DRIVER = 63;

/** `acme.io/foo`: whose thing it is, and which one. */
export function checkDomainPath(problems: Problems, field: string, text: string): void {
  if (text === '') return problems.required(field);
  const slash = text.indexOf('/');
  const [host, path] = [text.slice(0, slash), text.slice(slash + 1)];
  if (slash <= 0 || path === '') return problems.invalid(field, text, 'must be a domain-prefixed path (such as "acme.io/foo")');
  problems.check(field, host, dns1123Subdomain);
  if (!HTTP_PATH.test(path)) problems.invalid(field, path, BAD_PATH);
}

/** The name of a CSI driver: a domain, in letters of either case. */
export function checkDriverName(problems: Problems, field: string, name: string | undefined): void {
  if (!name) problems.required(field);
  if ((name ?? '').length > MAX_DRIVER) problems.tooLong(field, MAX_DRIVER);
  for (const message of dns1123Subdomain((name ?? '').toLowerCase())) problems.invalid(field, name ?? '', message);
}
