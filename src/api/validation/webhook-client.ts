import type { Problems } from './problems.ts';
import type { WebhookClientConfig } from '#api/generated/admissionregistration/v1.ts';
import { dns1123Subdomain } from '#api/names.ts';

const FORM = '; desired format: https://host[/path]';
const MAX_PORT = 65_535;
const DEFAULT_PORT = 443;

/** Where a webhook is called: by URL or by Service, one of them. For admission and conversion webhooks alike. */
export function validateWebhookClient(problems: Problems, field: string, config: Partial<WebhookClientConfig> | undefined): void {
  const { url, service } = config ?? {};
  if ((url === undefined) === (service === undefined)) problems.required(field, 'exactly one of url or service is required');
  else if (url !== undefined) validateUrl(problems, `${field}.url`, url);
  else if (service) validateService(problems, `${field}.service`, service);
}

function validateUrl(problems: Problems, field: string, text: string): void {
  const parts = /^([a-zA-Z][a-zA-Z0-9+.-]*:)?(?:\/\/([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?$/.exec(text);
  if (!parts || (parts[2] && !URL.canParse(`https://${parts[2]}`))) return problems.required(field, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URL${FORM}`);
  const [, scheme = '', authority = '', , query = '', fragment = ''] = parts;
  const at = authority.lastIndexOf('@');
  if (scheme.toLowerCase() !== 'https:') problems.invalid(field, scheme.slice(0, -1), `'https' is the only allowed URL scheme${FORM}`);
  if (authority.slice(at + 1) === '') problems.invalid(field, '', `host must be specified${FORM}`);
  if (at >= 0) problems.invalid(field, authority.slice(0, at), 'user information is not permitted in the URL');
  if (fragment.length > 1) problems.invalid(field, fragment.slice(1), 'fragments are not permitted in the URL');
  if (query.length > 1) problems.invalid(field, query.slice(1), 'query parameters are not permitted in the URL');
}

function validateService(problems: Problems, field: string, service: NonNullable<WebhookClientConfig['service']>): void {
  const { name, namespace, path, port = DEFAULT_PORT } = service;
  if (!name) problems.required(`${field}.name`);
  if (!namespace) problems.required(`${field}.namespace`);
  if (port < 1 || port > MAX_PORT) problems.invalid(`${field}.port`, port, `port is not valid: must be between 1 and ${MAX_PORT}, inclusive`);
  if (path !== undefined && path !== '' && path !== '/') validatePath(problems, `${field}.path`, path);
}

function validatePath(problems: Problems, field: string, path: string): void {
  if (path === '//') return problems.invalid(field, path, 'segment[0] may not be empty');
  if (!path.startsWith('/')) problems.invalid(field, path, "must start with a '/'");
  for (const [i, step] of path.slice(1).replace(/\/$/, '').split('/').entries()) {
    if (step === '') problems.invalid(field, path, `segment[${i}] may not be empty`);
    else for (const message of dns1123Subdomain(step)) problems.invalid(field, path, `segment[${i}]: ${message}`);
  }
}
