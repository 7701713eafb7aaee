import { isJsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';

/** `ConfigMap/web`, `Secret/token`: in the pod's own namespace. */
export type ConfigName = string;

interface Referrer { readonly name?: string; readonly optional?: boolean }
interface EnvSource { readonly configMapRef?: Referrer; readonly secretRef?: Referrer; readonly configMapKeyRef?: Referrer; readonly secretKeyRef?: Referrer }
interface Container {
  readonly env?: readonly { readonly valueFrom?: EnvSource }[];
  readonly envFrom?: readonly EnvSource[];
  readonly volumeMounts?: readonly { readonly name?: string; readonly subPath?: string; readonly subPathExpr?: string }[];
}
interface Volume { readonly name?: string; readonly configMap?: Referrer; readonly secret?: { readonly secretName?: string } }
interface PodSpec { readonly containers?: readonly Container[]; readonly initContainers?: readonly Container[]; readonly volumes?: readonly Volume[] }

/**
 * The ConfigMaps and Secrets that a workload's pods read once, at their start: by environment variables, and by mounts of a single file. Other
 * mounts follow a change by themselves.
 */
export function readAtStart(workload: KubeObject): ReadonlySet<ConfigName> {
  const spec = podSpecOf(workload);
  if (!spec) return new Set();
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const sources = containers.flatMap(({ env = [], envFrom = [] }) => [...envFrom, ...env.map(({ valueFrom = {} }) => valueFrom)]);
  const fixed = new Set(containers.flatMap(({ volumeMounts = [] }) => volumeMounts.flatMap(({ name, subPath, subPathExpr }) => (subPath || subPathExpr ? [name] : []))));
  const volumes = (spec.volumes ?? []).filter(({ name }) => fixed.has(name));
  return new Set([
    ...named('ConfigMap', [...sources.flatMap((s) => [s.configMapRef?.name, s.configMapKeyRef?.name]), ...volumes.map(({ configMap }) => configMap?.name)]),
    ...named('Secret', [...sources.flatMap((s) => [s.secretRef?.name, s.secretKeyRef?.name]), ...volumes.map(({ secret }) => secret?.secretName)]),
  ]);
}

const named = (kind: string, names: readonly (string | undefined)[]): readonly ConfigName[] => names.flatMap((name) => (name ? [`${kind}/${name}`] : []));

/** Of kinds whose pods go on for longer than a run. */
function podSpecOf(workload: KubeObject & { readonly spec?: unknown }): PodSpec | undefined {
  const { apiVersion, spec } = workload;
  if (apiVersion !== 'apps/v1') return undefined;
  const template = isJsonObject(spec) ? spec['template'] : undefined;
  const inner = isJsonObject(template) ? template['spec'] : undefined;
  return isJsonObject(inner) ? (inner as PodSpec) : undefined;
}
