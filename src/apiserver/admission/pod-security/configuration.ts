import { dns1123Label, dns1123Subdomain, type NameCheck } from '#api/names.ts';
import { members, wrongAdmission } from '../config-error.ts';
import { isLevel, minorOf, MODES, type Mode, type PodSecurityPolicy, UNLIMITED } from './policy.ts';

/** Who is free of the levels, whatever the namespace's labels say. */
export interface Exemptions {
  readonly usernames: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
  readonly runtimeClasses: ReadonlySet<string>;
}

/** `PodSecurityConfiguration` of pod-security.admission.config.k8s.io/v1. */
export interface PodSecurityConfiguration {
  /** Of namespaces whose labels say nothing. */
  readonly defaults: PodSecurityPolicy;
  readonly exemptions: Exemptions;
}

const NOBODY: ReadonlySet<string> = new Set();
export const UNCONFIGURED: PodSecurityConfiguration = { defaults: UNLIMITED, exemptions: { usernames: NOBODY, namespaces: NOBODY, runtimeClasses: NOBODY } };

const GROUP = 'pod-security.admission.config.k8s.io';
const API_VERSIONS = ['v1', 'v1beta1', 'v1alpha1'].map((version) => `${GROUP}/${version}`);
const anyName: NameCheck = (text) => (text === '' ? ['username must not be empty'] : []);

/** @throws AdmissionConfigError */
export function parsePodSecurity(value: unknown, path: string): PodSecurityConfiguration {
  const { apiVersion, kind, defaults = {}, exemptions = {} } = members(value, path, ['apiVersion', 'kind', 'defaults', 'exemptions']);
  if (!API_VERSIONS.includes(String(apiVersion)) || kind !== 'PodSecurityConfiguration') throw wrongAdmission(`${path}.apiVersion`, `must be a PodSecurityConfiguration of ${API_VERSIONS[0]}`);
  const given = members(exemptions, `${path}.exemptions`, ['usernames', 'namespaces', 'runtimeClasses']);
  const names = (list: keyof Exemptions, check: NameCheck): ReadonlySet<string> => namesOf(given[list] ?? [], `${path}.exemptions.${list}`, check);
  return {
    defaults: defaultsOf(defaults, `${path}.defaults`),
    exemptions: { usernames: names('usernames', anyName), namespaces: names('namespaces', dns1123Label), runtimeClasses: names('runtimeClasses', dns1123Subdomain) },
  };
}

function defaultsOf(value: unknown, path: string): PodSecurityPolicy {
  const given = members(value, path, MODES.flatMap((mode) => [mode, `${mode}-version`]));
  return Object.fromEntries(MODES.map((mode) => {
    const { [mode]: level = 'privileged', [`${mode}-version`]: version = 'latest' } = given;
    if (typeof level !== 'string' || !isLevel(level)) throw wrongAdmission(`${path}.${mode}`, `Invalid value: ${JSON.stringify(level)}: must be one of privileged, baseline, restricted`);
    const minor = minorOf(String(version));
    if (minor === undefined) throw wrongAdmission(`${path}.${mode}-version`, `Invalid value: ${JSON.stringify(version)}: must be "latest" or "v1.x"`);
    return [mode, { level, minor }];
  })) as Record<Mode, PodSecurityPolicy[Mode]>;
}

function namesOf(value: unknown, path: string, check: NameCheck): ReadonlySet<string> {
  if (!Array.isArray(value)) throw wrongAdmission(path, 'must be a list');
  const names = new Set<string>();
  for (const [i, name] of (value as readonly unknown[]).entries()) {
    if (typeof name !== 'string') throw wrongAdmission(`${path}[${i}]`, 'must be a text');
    if (names.has(name)) throw wrongAdmission(`${path}[${i}]`, `Duplicate value: ${JSON.stringify(name)}`);
    const [why] = check(name);
    if (why !== undefined) throw wrongAdmission(`${path}[${i}]`, `Invalid value: ${JSON.stringify(name)}: ${why}`);
    names.add(name);
  }
  return names;
}
