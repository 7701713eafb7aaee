import { members, wrongAdmission } from './config-error.ts';
import { parsePodSecurity, type PodSecurityConfiguration, UNCONFIGURED } from './pod-security/configuration.ts';
import { type LimitedResource, parseLimitedResources } from './resource-quota/configuration.ts';

/** `AdmissionConfiguration` of apiserver.config.k8s.io/v1, read: what the plugins that take a configuration are told. */
export interface AdmissionConfiguration {
  readonly podSecurity: PodSecurityConfiguration;
  /** Of what nothing may be taken where no quota limits it. */
  readonly limitedResources: readonly LimitedResource[];
}

type Part = Partial<AdmissionConfiguration>;

export const DEFAULT_ADMISSION: AdmissionConfiguration = { podSecurity: UNCONFIGURED, limitedResources: [] };

const API_VERSION = 'apiserver.config.k8s.io/v1';
const API_VERSIONS: readonly unknown[] = [API_VERSION, 'apiserver.k8s.io/v1alpha1'];
/** The plugins that take a configuration. */
const PARSERS: Readonly<Record<string, (value: unknown, path: string) => Part>> = {
  PodSecurity: (value, path) => ({ podSecurity: parsePodSecurity(value, path) }),
  ResourceQuota: (value, path) => ({ limitedResources: parseLimitedResources(value, path) }),
};

/**
 * @param read what stands in a file that a plugin's `path` names.
 * @throws AdmissionConfigError
 */
export function parseAdmission(value: unknown, read: (path: string) => unknown): AdmissionConfiguration {
  const file = members(value, '', ['apiVersion', 'kind', 'plugins']);
  if (!API_VERSIONS.includes(file['apiVersion']) || file['kind'] !== 'AdmissionConfiguration') throw wrongAdmission('apiVersion', `must be an AdmissionConfiguration of ${API_VERSION}`);
  const plugins = file['plugins'] ?? [];
  if (!Array.isArray(plugins)) throw wrongAdmission('plugins', 'must be a list');
  const seen = new Set<string>();
  return plugins.reduce<AdmissionConfiguration>((configuration, plugin, i) => ({ ...configuration, ...partOf(plugin, `plugins[${i}]`, seen, read) }), DEFAULT_ADMISSION);
}

/** Whatever a plugin would not heed is refused: nobody should believe in a rule that does not hold. */
function partOf(value: unknown, path: string, seen: Set<string>, read: (path: string) => unknown): Part {
  const { name, path: file, configuration } = members(value, path, ['name', 'path', 'configuration']);
  const parse = typeof name === 'string' ? PARSERS[name] : undefined;
  if (parse === undefined || typeof name !== 'string') throw wrongAdmission(`${path}.name`, `Unsupported value: ${JSON.stringify(name ?? '')}: only ${Object.keys(PARSERS).join(' and ')} take a configuration`);
  if (seen.has(name)) throw wrongAdmission(`${path}.name`, `Duplicate value: ${JSON.stringify(name)}`);
  seen.add(name);
  if (configuration !== undefined && configuration !== null) return parse(configuration, `${path}.configuration`);
  if (file === undefined || file === '') return {};
  if (typeof file !== 'string') throw wrongAdmission(`${path}.path`, 'must be a text');
  return parse(read(file), file);
}
