import type { ConfigMap, Container, EnvVar, Pod, Secret, Service } from '#api/generated/core/v1.ts';
import { ContainerConfigError } from './config-error.ts';
import { fieldValue, resourceValue, type DownwardFacts } from './downward.ts';
import { expand } from './expansion.ts';

/** ConfigMaps and Secrets by name, in the pod's namespace, as they are now. */
export interface ReferencedObjects {
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  secret(namespace: string, name: string): Promise<Secret | undefined>;
}

export interface EnvOptions {
  readonly pod: Pod;
  readonly container: Container;
  readonly facts: DownwardFacts;
  readonly objects: ReferencedObjects;
  readonly services: readonly Service[];
}

/** The environment of a container: services, then `envFrom`, then `env`, later ones winning. Throws {@link ContainerConfigError}. */
export async function containerEnv(options: EnvOptions): Promise<ReadonlyMap<string, string>> {
  const { pod, container } = options;
  const own = new Map<string, string>();
  for (const source of container.envFrom ?? []) {
    for (const [key, value] of await sourceEntries(options, source)) own.set(`${source.prefix ?? ''}${key}`, value);
  }
  const services = serviceEnv(options.services, pod);
  const seen = new Map([...services, ...own]);
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom ? await referencedValue(options, variable) : expand(variable.value ?? '', seen);
    if (value === undefined) continue;
    own.set(variable.name, value);
    seen.set(variable.name, value);
  }
  return new Map([...services, ...own]);
}

async function sourceEntries(options: EnvOptions, source: NonNullable<Container['envFrom']>[number]): Promise<Iterable<readonly [string, string]>> {
  const namespace = options.pod.metadata.namespace ?? '';
  if (source.configMapRef) {
    const { name = '', optional } = source.configMapRef;
    const map = await options.objects.configMap(namespace, name);
    if (!map && !optional) throw missing(options, `configmap "${name}" not found`);
    return Object.entries(map?.data ?? {});
  }
  if (source.secretRef) {
    const { name = '', optional } = source.secretRef;
    const secret = await options.objects.secret(namespace, name);
    if (!secret && !optional) throw missing(options, `secret "${name}" not found`);
    return Object.entries(secret?.data ?? {}).map(([key, value]) => [key, decode(value)] as const);
  }
  return [];
}

async function referencedValue(options: EnvOptions, variable: EnvVar): Promise<string | undefined> {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = variable.valueFrom ?? {};
  const namespace = options.pod.metadata.namespace ?? '';
  if (fieldRef) return fieldValue(options.pod, fieldRef.fieldPath, options.facts) ?? refuse(options, `unsupported fieldPath: ${fieldRef.fieldPath}`);
  if (resourceFieldRef) {
    const named = resourceFieldRef.containerName;
    const container = named ? options.pod.spec.containers.find((c) => c.name === named) : options.container;
    const value = container && resourceValue(container, resourceFieldRef, options.facts);
    return value ?? refuse(options, `unsupported container resource: ${resourceFieldRef.resource}`);
  }
  if (configMapKeyRef) {
    const { name = '', key, optional } = configMapKeyRef;
    const map = await options.objects.configMap(namespace, name);
    if (!map && !optional) throw missing(options, `configmap "${name}" not found`);
    const value = map?.data?.[key];
    if (value === undefined && !optional) throw missing(options, `couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
    return value;
  }
  if (secretKeyRef) {
    const { name = '', key, optional } = secretKeyRef;
    const secret = await options.objects.secret(namespace, name);
    if (!secret && !optional) throw missing(options, `secret "${name}" not found`);
    const value = secret?.data?.[key];
    if (value === undefined && !optional) throw missing(options, `couldn't find key ${key} in Secret ${namespace}/${name}`);
    return value === undefined ? undefined : decode(value);
  }
  return refuse(options, `env ${variable.name} has an unsupported source`);
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8');
const missing = (options: EnvOptions, message: string): ContainerConfigError => new ContainerConfigError('CreateContainerConfigError', options.container.name, message);
const refuse = (options: EnvOptions, message: string): never => {
  throw missing(options, message);
};

/** Docker-link style variables of the services of the pod's namespace, and of `default/kubernetes` always. */
export function serviceEnv(services: readonly Service[], pod: Pod): ReadonlyMap<string, string> {
  const env = new Map<string, string>();
  for (const service of services) {
    const ip = service.spec.clusterIP;
    if (!ip || ip === 'None') continue;
    const { name, namespace } = service.metadata;
    const isApi = namespace === 'default' && name === 'kubernetes';
    const isLinked = namespace === pod.metadata.namespace && pod.spec.enableServiceLinks !== false;
    if (!isApi && !isLinked) continue;
    for (const [key, value] of variablesOf(service, ip)) env.set(key, value);
  }
  return env;
}

function variablesOf(service: Service, ip: string): readonly (readonly [string, string])[] {
  const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_');
  const ports = service.spec.ports ?? [];
  const first = ports[0];
  if (!first) return [];
  const link = (port: typeof first): string => `${(port.protocol ?? 'TCP').toLowerCase()}://${ip}:${port.port}`;
  return [
    [`${prefix}_SERVICE_HOST`, ip],
    [`${prefix}_SERVICE_PORT`, String(first.port)],
    ...ports.flatMap((port) => (port.name ? [[`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll('-', '_')}`, String(port.port)] as const] : [])),
    [`${prefix}_PORT`, link(first)],
    ...ports.flatMap((port) => {
      const base = `${prefix}_PORT_${port.port}_${(port.protocol ?? 'TCP').toUpperCase()}`;
      return [[base, link(port)], [`${base}_PROTO`, (port.protocol ?? 'TCP').toLowerCase()], [`${base}_PORT`, String(port.port)], [`${base}_ADDR`, ip]] as const;
    }),
  ];
}
