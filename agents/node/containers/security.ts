import type { Container, Pod, SeccompProfile } from '#api/generated/core/v1.ts';
import * as cri from '../runtime/generated/cri.ts';
import type { DeepPartial } from '../runtime/generated/cri.ts';
import type { RuntimeImage } from '../runtime/container-runtime.ts';
import { ContainerConfigError } from './config-error.ts';

/** As the runtime masks them by default; `procMount: Unmasked` turns both lists off. */
const MASKED_PATHS = [
  '/proc/asound', '/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list', '/proc/timer_stats', '/proc/sched_debug', '/proc/scsi', '/sys/firmware',
  '/sys/devices/virtual/powercap',
];
const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

export function podNamespaces(pod: Pod): DeepPartial<cri.NamespaceOption> {
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace } = pod.spec;
  const { NODE, POD, CONTAINER } = cri.NamespaceMode;
  return { network: hostNetwork ? NODE : POD, ipc: hostIPC ? NODE : POD, pid: hostPID ? NODE : shareProcessNamespace ? POD : CONTAINER };
}

export function containerSecurity(pod: Pod, container: Container, image: RuntimeImage): DeepPartial<cri.LinuxContainerSecurityContext> {
  const own = container.securityContext ?? {};
  const shared = pod.spec.securityContext ?? {};
  const runAsUser = own.runAsUser ?? shared.runAsUser;
  const runAsGroup = own.runAsGroup ?? shared.runAsGroup;
  if (own.runAsNonRoot ?? shared.runAsNonRoot) verifyNonRoot(container, runAsUser, image);
  const isUnmasked = own.procMount === 'Unmasked';
  const selinux = own.seLinuxOptions ?? shared.seLinuxOptions;
  const apparmor = own.appArmorProfile ?? shared.appArmorProfile;
  // Setting a group needs a user: the image's own when the pod names none.
  const user = runAsUser ?? (runAsGroup === undefined || image.username !== '' ? undefined : (image.uid ?? 0));
  return {
    namespaceOptions: podNamespaces(pod),
    privileged: own.privileged ?? false,
    readonlyRootfs: own.readOnlyRootFilesystem ?? false,
    noNewPrivs: own.allowPrivilegeEscalation === false,
    capabilities: { addCapabilities: [...(own.capabilities?.add ?? [])], dropCapabilities: [...(own.capabilities?.drop ?? [])] },
    supplementalGroups: groupsOf(pod),
    supplementalGroupsPolicy: shared.supplementalGroupsPolicy === 'Strict' ? cri.SupplementalGroupsPolicy.Strict : cri.SupplementalGroupsPolicy.Merge,
    maskedPaths: isUnmasked ? [] : MASKED_PATHS,
    readonlyPaths: isUnmasked ? [] : READONLY_PATHS,
    seccomp: seccomp(own.privileged ? undefined : (own.seccompProfile ?? shared.seccompProfile)),
    ...(user === undefined ? (image.username === '' ? {} : { runAsUsername: image.username }) : { runAsUser: { value: BigInt(user) } }),
    ...(runAsGroup === undefined ? {} : { runAsGroup: { value: BigInt(runAsGroup) } }),
    ...(selinux ? { selinuxOptions: { user: selinux.user ?? '', role: selinux.role ?? '', type: selinux.type ?? '', level: selinux.level ?? '' } } : {}),
    ...(apparmor ? { apparmor: profile(apparmor) } : {}),
  };
}

export const groupsOf = (pod: Pod): bigint[] => {
  const { supplementalGroups, fsGroup } = pod.spec.securityContext ?? {};
  return [...(supplementalGroups ?? []), ...(fsGroup === undefined ? [] : [fsGroup])].map(BigInt);
};

export const seccomp = (wanted: SeccompProfile | undefined): DeepPartial<cri.SecurityProfile> => profile(wanted ?? { type: 'Unconfined' });

function profile(wanted: SeccompProfile): DeepPartial<cri.SecurityProfile> {
  const { RuntimeDefault, Unconfined, Localhost } = cri.SecurityProfile_ProfileType;
  switch (wanted.type) {
    case 'RuntimeDefault': return { profileType: RuntimeDefault };
    case 'Localhost': return { profileType: Localhost, localhostRef: wanted.localhostProfile ?? '' };
    default: return { profileType: Unconfined };
  }
}

function verifyNonRoot(container: Container, runAsUser: number | undefined, image: RuntimeImage): void {
  const fail = (message: string): never => {
    throw new ContainerConfigError('CreateContainerConfigError', container.name, message);
  };
  if (runAsUser !== undefined) {
    if (runAsUser === 0) fail('container\'s runAsUser breaks non-root policy');
    return;
  }
  if (image.username !== '') fail(`container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root`);
  if ((image.uid ?? 0) === 0) fail('container has runAsNonRoot and image will run as root');
}
