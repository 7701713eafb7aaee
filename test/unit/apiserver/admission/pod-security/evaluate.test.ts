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
    detail: 'host namespaces (hostNetwork=true, hostPID=true), hostPath volumes (volume "v"), hostPort (container "c" uses hostPort 80)',
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

const named = (...contexts: readonly (object | undefined)[]) => contexts.map((securityContext, i) => ({ name: 'abcdef'[i], ...(securityContext ? { securityContext } : {}) }));
const unconfined = { seccompProfile: { type: 'Unconfined' } };
const more: typeof cases = [
  {
    name: 'all of baseline, in order', level: 'baseline',
    spec: {
      hostPID: true, volumes: [{ name: 'v', hostPath: { path: '/' } }], securityContext: { ...unconfined, appArmorProfile: { type: 'Unconfined' }, seLinuxOptions: { role: 'r' }, sysctls: [{ name: 'a', value: '1' }], windowsOptions: { hostProcess: true } },
      containers: [container({ privileged: true, procMount: 'Unmasked', capabilities: { add: ['X'] } }, { ports: [{ hostPort: 1 }], startupProbe: { tcpSocket: { host: 'h' } } })],
    },
    detail: 'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined"), non-default capabilities (container "c" must not include "X" in securityContext.capabilities.add), host namespaces (hostPID=true), hostPath volumes (volume "v"), hostPort (container "c" uses hostPort 1), probe or lifecycle host (container "c" uses probe or lifecycle host "h"), privileged (container "c" must not set securityContext.privileged=true), procMount (container "c" must not set securityContext.procMount to "Unmasked"), seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: role may not be set), seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined"), forbidden sysctls (a), hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)',
  },
  {
    name: 'what restricted did not ask for yet, baseline does', level: 'restricted', minor: 7, annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined' },
    spec: { securityContext: { runAsNonRoot: true }, containers: [container({ capabilities: { add: ['X'] } })] },
    detail: 'non-default capabilities (container "c" must not include "X" in securityContext.capabilities.add), seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
  },
  {
    name: 'unmasked processes of a pod with users of its own', level: 'restricted', spec: { hostUsers: false, securityContext: SAFE_POD, containers: [container({ ...SAFE, procMount: 'Unmasked' })], volumes: [{ name: 'v', hostPath: { path: '/' } }] },
    detail: 'procMount (container "c" must not set securityContext.procMount to "Unmasked"), restricted volume types (volume "v" uses restricted volume type "hostPath")',
  },
  { name: 'unmasked processes of such a pod against baseline', level: 'baseline', spec: { hostUsers: false, containers: [container({ procMount: 'Unmasked' })] }, detail: '' },
  { name: 'unmasked processes of such a pod before 1.35', level: 'baseline', minor: 34, spec: { hostUsers: false, containers: [container({ procMount: 'Unmasked' })] }, detail: 'procMount (container "c" must not set securityContext.procMount to "Unmasked")' },
  {
    name: 'AppArmor annotations', level: 'baseline', spec: { containers: [] },
    annotations: Object.fromEntries(['bogus', '', 'runtime/default', 'localhost/', 'localhost/foo', 'unconfined', 'unknown'].map((value, i) => [`container.apparmor.security.beta.kubernetes.io/${' abcdef'[i]?.trim() ?? ''}`, value])),
    detail: 'forbidden AppArmor profiles (annotations must not set AppArmor profile type to "container.apparmor.security.beta.kubernetes.io/="bogus"", "container.apparmor.security.beta.kubernetes.io/e="unconfined"", "container.apparmor.security.beta.kubernetes.io/f="unknown"")',
  },
  {
    name: 'SELinux of pod and containers', level: 'baseline',
    spec: { securityContext: { seLinuxOptions: { type: 'foo', user: 'bar', role: 'baz' } }, containers: named(...['container_t', 'container_init_t', 'container_kvm_t', 'bar'].map((type) => ({ seLinuxOptions: { type } })), { seLinuxOptions: { user: 'bar' } }, { seLinuxOptions: { role: 'baz' } }) },
    detail: 'seLinuxOptions (pod and containers "d", "e", "f" set forbidden securityContext.seLinuxOptions: types "bar", "foo"; user may not be set; role may not be set)',
  },
  {
    name: 'seccomp annotations before 1.19', level: 'baseline', minor: 18, spec: { containers: named(undefined, undefined, undefined) },
    annotations: { 'seccomp.security.alpha.kubernetes.io/pod': 'unconfined', 'container.seccomp.security.alpha.kubernetes.io/a': 'unconfined', 'container.seccomp.security.alpha.kubernetes.io/b': 'unknown' },
    detail: 'seccompProfile (forbidden annotations container.seccomp.security.alpha.kubernetes.io/a="unconfined", container.seccomp.security.alpha.kubernetes.io/b="unknown", seccomp.security.alpha.kubernetes.io/pod="unconfined")',
  },
  {
    name: 'capabilities of several containers against restricted', level: 'restricted', minor: 22,
    spec: { securityContext: SAFE_POD, containers: named(...[{ add: ['FOO', 'BAR'] }, { add: ['BAR', 'BAZ'] }, { add: ['NET_BIND_SERVICE', 'CHOWN'], drop: ['ALL', 'FOO'] }].map((capabilities) => ({ allowPrivilegeEscalation: false, capabilities }))) },
    detail: 'unrestricted capabilities (containers "a", "b" must set securityContext.capabilities.drop=["ALL"]; containers "a", "b", "c" must not include "BAR", "BAZ", "CHOWN", "FOO" in securityContext.capabilities.add)',
  },
  {
    name: 'root and seccomp that only some containers set', level: 'restricted', spec: { containers: named(SAFE, { ...SAFE, ...SAFE_POD }, { ...SAFE, ...SAFE_POD, runAsNonRoot: false }, { ...SAFE, ...SAFE_POD }) },
    detail: 'runAsNonRoot != true (container "c" must not set securityContext.runAsNonRoot=false), seccompProfile (pod or container "a" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
  },
  { name: 'Windows', level: 'restricted', spec: { os: { name: 'windows' }, securityContext: { runAsNonRoot: true }, containers: [container()] }, detail: '' },
  {
    name: 'volumes of every type', level: 'restricted',
    spec: {
      securityContext: SAFE_POD, containers: [container(SAFE)],
      volumes: ['emptyDir', 'secret', 'persistentVolumeClaim', 'downwardAPI', 'configMap', 'projected', 'csi', 'ephemeral', 'image', 'hostPath', 'gcePersistentDisk', 'storageos', 'unknown'].map((type) => ({ name: type, ...(type === 'unknown' ? {} : { [type]: {} }) })),
    },
    detail: 'restricted volume types (volumes "hostPath", "gcePersistentDisk", "storageos", "unknown" use restricted volume types "gcePersistentDisk", "hostPath", "storageos", "unknown")',
  },
];

for (const { name, level, minor = Infinity, spec, annotations = {}, detail } of [...cases, ...more]) {
  test(name, (t) => t.is(detailOf(violationsOf({ metadata: { annotations }, spec: spec as PodSpec }, { level, minor })), detail));
}
