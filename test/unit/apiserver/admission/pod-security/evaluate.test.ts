import test from 'ava';
import type { PodSpec } from '#api/generated/core/v1.ts';
import { detailOf, violationsOf } from '#apiserver/admission/pod-security/evaluate.ts';
import type { Level } from '#apiserver/admission/pod-security/policy.ts';

const SAFE = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
const SAFE_POD = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } };
const container = (securityContext?: object, more: object = {}) => ({ name: 'c', image: 'i', ...(securityContext ? { securityContext } : {}), ...more });

const cases: readonly { name: string; level: Level; minor?: number; spec: object; annotations?: Readonly<Record<string, string>>; detail: string }[] = [
  {
    name: 'a plain pod against restricted', level: 'restricted', spec: { containers: [container()] },
    detail: 'allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  },
  { name: 'a safe pod against restricted', level: 'restricted', spec: { securityContext: SAFE_POD, containers: [container(SAFE)] }, detail: '' },
  { name: 'a plain pod against baseline', level: 'baseline', spec: { containers: [container()] }, detail: '' },
  { name: 'anything against privileged', level: 'privileged', spec: { hostNetwork: true, containers: [container({ privileged: true })] }, detail: '' },
  { name: 'privileged', level: 'baseline', spec: { containers: [container({ privileged: true })] }, detail: 'privileged (container "c" must not set securityContext.privileged=true)' },
  {
    name: 'the host', level: 'baseline', spec: { hostNetwork: true, hostPID: true, volumes: [{ name: 'v', hostPath: { path: '/' } }], containers: [container(undefined, { ports: [{ containerPort: 80, hostPort: 80 }] })] },
    detail: 'host namespaces (hostNetwork=true, hostPID=true), hostPort (container "c" uses hostPort 80), hostPath volumes (volume "v")',
  },
  { name: 'capabilities beyond the default', level: 'baseline', spec: { containers: [container({ capabilities: { add: ['NET_ADMIN', 'CHOWN'] } })] }, detail: 'non-default capabilities (container "c" must not include "NET_ADMIN" in securityContext.capabilities.add)' },
  { name: 'a probe of another host', level: 'baseline', spec: { containers: [container(undefined, { livenessProbe: { httpGet: { host: 'a', port: 80 } } })] }, detail: 'probe or lifecycle host (container "c" uses probe or lifecycle host "a")' },
  { name: 'a probe of another host before 1.34', level: 'baseline', minor: 33, spec: { containers: [container(undefined, { livenessProbe: { httpGet: { host: 'a', port: 80 } } })] }, detail: '' },
  { name: 'sysctls by version', level: 'baseline', minor: 28, spec: { securityContext: { sysctls: [{ name: 'net.ipv4.tcp_fin_timeout', value: '1' }, { name: 'kernel.shm_rmid_forced', value: '1' }] }, containers: [] }, detail: 'forbidden sysctls (net.ipv4.tcp_fin_timeout)' },
  { name: 'SELinux users and types', level: 'baseline', spec: { containers: [container({ seLinuxOptions: { type: 'bad', user: 'u' } })] }, detail: 'seLinuxOptions (container "c" set forbidden securityContext.seLinuxOptions: type "bad"; user may not be set)' },
  { name: 'AppArmor by annotation', level: 'baseline', annotations: { 'container.apparmor.security.beta.kubernetes.io/c': 'unconfined' }, spec: { containers: [container()] }, detail: 'forbidden AppArmor profile (annotation must not set AppArmor profile type to "container.apparmor.security.beta.kubernetes.io/c="unconfined"")' },
  { name: 'seccomp of pod and container', level: 'baseline', spec: { securityContext: { seccompProfile: { type: 'Unconfined' } }, containers: [container({ seccompProfile: { type: 'Unconfined' } })] }, detail: 'seccompProfile (pod and container "c" must not set securityContext.seccompProfile.type to "Unconfined")' },
  { name: 'volumes and root against restricted', level: 'restricted', spec: { volumes: [{ name: 'v', nfs: {} }], securityContext: { ...SAFE_POD, runAsUser: 0 }, containers: [container(SAFE)] }, detail: 'restricted volume types (volume "v" uses restricted volume type "nfs"), runAsUser=0 (pod must not set runAsUser=0)' },
];

for (const { name, level, minor = Infinity, spec, annotations = {}, detail } of cases) {
  test(name, (t) => t.is(detailOf(violationsOf({ metadata: { annotations }, spec: spec as PodSpec }, { level, minor })), detail));
}
