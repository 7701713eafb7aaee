import { members, wrongAdmission } from './config-error.ts';
import { parsePodSecurity, type PodSecurityConfiguration, UNCONFIGURED } from './pod-security/configuration.ts';

/** `AdmissionConfiguration` of apiserver.config.k8s.io/v1, read: what the plugins that take a configuration are told. */
export interface AdmissionConfiguration {
  readonly podSecurity: PodSecurityConfiguration;
}

export const DEFAULT_ADMISSION: AdmissionConfiguration = { podSecurity: UNCONFIGURED };

const API_VERSION = 'apiserver.config.k8s.io/v1';
const POD_SECURITY = 'PodSecurity';

/**
 * @param read what stands in a file that a plugin's `path` names.
 * @throws AdmissionConfigError
 */
export function parseAdmission(value: unknown, read: (path: string) => unknown): AdmissionConfiguration {
  const file = members(value, '', ['apiVersion', 'kind', 'plugins']);
  if (file['apiVersion'] !== API_VERSION || file['kind'] !== 'AdmissionConfiguration') throw wrongAdmission('apiVersion', `must be an AdmissionConfiguration of ${API_VERSION}`);
  const plugins = file['plugins'] ?? [];
  if (!Array.isArray(plugins)) throw wrongAdmission('plugins', 'must be a list');
  const given = plugins.map((plugin, i) => pluginOf(plugin, `plugins[${i}]`, read));
  if (given.length > 1) throw wrongAdmission('plugins[1].name', `Duplicate value: ${JSON.stringify(POD_SECURITY)}`);
  return { podSecurity: given[0] ?? UNCONFIGURED };
}

/** Whatever a plugin would not heed is refused: nobody should believe in a rule that does not hold. */
function pluginOf(value: unknown, path: string, read: (path: string) => unknown): PodSecurityConfiguration {
  const { name, path: file, configuration } = members(value, path, ['name', 'path', 'configuration']);
  if (name !== POD_SECURITY) throw wrongAdmission(`${path}.name`, `Unsupported value: ${JSON.stringify(name ?? '')}: only ${POD_SECURITY} takes a configuration`);
  if (configuration !== undefined && configuration !== null) return parsePodSecurity(configuration, `${path}.configuration`);
  if (file === undefined || file === '') return UNCONFIGURED;
  if (typeof file !== 'string') throw wrongAdmission(`${path}.path`, 'must be a text');
  return parsePodSecurity(read(file), file);
}
