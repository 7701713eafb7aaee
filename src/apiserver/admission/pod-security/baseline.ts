import type { Container, LifecycleHandler, PodSpec, Probe } from '#api/generated/core/v1.ts';
import { type Check, containerNames, containersOf, plural, quoted, setters, unique, type Violation } from './check.ts';

/** What containers have without asking. */
const CAPABILITIES: ReadonlySet<string> = new Set([
  'AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT',
]);
const SELINUX_TYPES: readonly string[] = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const SELINUX_SINCE_31 = 'container_engine_t';
const PROFILES: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost']);
const APPARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
/** Safe sysctls, by the minor version that called them so. */
const SYSCTLS: Readonly<Record<string, number>> = {
  'kernel.shm_rmid_forced': 0, 'net.ipv4.ip_local_port_range': 0, 'net.ipv4.tcp_syncookies': 0, 'net.ipv4.ping_group_range': 0, 'net.ipv4.ip_unprivileged_port_start': 0,
  'net.ipv4.ip_local_reserved_ports': 27, 'net.ipv4.tcp_keepalive_time': 29, 'net.ipv4.tcp_fin_timeout': 29, 'net.ipv4.tcp_keepalive_intvl': 29, 'net.ipv4.tcp_keepalive_probes': 29,
  'net.ipv4.tcp_rmem': 32, 'net.ipv4.tcp_wmem': 32,
};

const appArmor: Check = {
  since: 0,
  find({ metadata, spec }) {
    const isBad = (type: string | undefined): boolean => type !== undefined && !PROFILES.has(type);
    const own = spec.securityContext?.appArmorProfile?.type;
    const containers = containersOf(spec).filter((c) => isBad(c.securityContext?.appArmorProfile?.type));
    const annotations = Object.entries(metadata.annotations ?? {}).filter(([key, value]) => key.startsWith(APPARMOR_PREFIX) && value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/'));
    const types = unique([...(isBad(own) ? [String(own)] : []), ...containers.map((c) => String(c.securityContext?.appArmorProfile?.type))]);
    const values = [...types, ...annotations.map(([key, value]) => `${key}=${JSON.stringify(value)}`).toSorted()];
    if (values.length === 0) return undefined;
    const who = [setters(isBad(own), containers), annotations.length > 0 ? plural('annotation', 'annotations', annotations.length) : ''].filter((text) => text !== '').join(' and ');
    return { reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length), detail: `${who} must not set AppArmor profile type to ${quoted(values)}` };
  },
};

const hostNamespaces: Check = {
  since: 0,
  find({ spec }) {
    const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name] === true);
    return used.length === 0 ? undefined : { reason: 'host namespaces', detail: used.map((name) => `${name}=true`).join(', ') };
  },
};

const hostPorts: Check = {
  since: 0,
  find({ spec }) {
    const bad = containersOf(spec).filter((c) => (c.ports ?? []).some((p) => p.hostPort));
    const ports = unique(bad.flatMap((c) => (c.ports ?? []).flatMap((p) => (p.hostPort ? [String(p.hostPort)] : []))));
    return bad.length === 0 ? undefined : { reason: 'hostPort', detail: `${containerNames(bad)} ${plural('uses', 'use', bad.length)} ${plural('hostPort', 'hostPorts', ports.length)} ${ports.join(', ')}` };
  },
};

const hostProbes: Check = {
  since: 34,
  find({ spec }) {
    const hosts = (handler: Probe | LifecycleHandler | undefined): readonly string[] => [handler?.httpGet?.host, handler?.tcpSocket?.host].filter((host): host is string => Boolean(host));
    const hostsOf = (c: Container): readonly string[] => [c.livenessProbe, c.readinessProbe, c.startupProbe, c.lifecycle?.postStart, c.lifecycle?.preStop].flatMap(hosts);
    const bad = containersOf(spec).filter((c) => hostsOf(c).length > 0);
    const names = unique(bad.map(({ name }) => name)).map((name) => ({ name }));
    const all = unique(bad.flatMap(hostsOf));
    return bad.length === 0 ? undefined : { reason: 'probe or lifecycle host', detail: `${containerNames(names)} ${plural('uses', 'use', names.length)} ${plural('probe or lifecycle host', 'probe or lifecycle hosts', all.length)} ${quoted(all)}` };
  },
};

const privileged: Check = {
  since: 0,
  find({ spec }) {
    const bad = containersOf(spec).filter((c) => c.securityContext?.privileged === true);
    return bad.length === 0 ? undefined : { reason: 'privileged', detail: `${containerNames(bad)} must not set securityContext.privileged=true` };
  },
};

/** Until 1.34 of every pod; then a pod with users of its own may unmask its own processes, unless it is restricted. */
const procMount: Check = { since: 0, until: 35, find: ({ spec }) => unmasked(spec) };
export const procMountOnHostUsers: Check = { since: 35, find: ({ spec }) => (spec.hostUsers === false ? undefined : unmasked(spec)) };

export function unmasked(spec: PodSpec): Violation | undefined {
  const bad = containersOf(spec).filter((c) => (c.securityContext?.procMount ?? 'Default') !== 'Default');
  const types = unique(bad.map((c) => String(c.securityContext?.procMount)));
  return bad.length === 0 ? undefined : { reason: 'procMount', detail: `${containerNames(bad)} must not set securityContext.procMount to ${quoted(types)}` };
}

const seLinux: Check = {
  since: 0,
  find({ spec }, minor) {
    const allowed = minor >= 31 ? [...SELINUX_TYPES, SELINUX_SINCE_31] : SELINUX_TYPES;
    const pod = spec.securityContext?.seLinuxOptions;
    const isBad = (options: typeof pod): boolean => options !== undefined && (!allowed.includes(options.type ?? '') || Boolean(options.user) || Boolean(options.role));
    const containers = containersOf(spec).filter((c) => isBad(c.securityContext?.seLinuxOptions));
    const options = [...(isBad(pod) ? [pod] : []), ...containers.map((c) => c.securityContext?.seLinuxOptions)];
    if (options.length === 0) return undefined;
    const types = unique(options.map((o) => o?.type ?? '').filter((type) => !allowed.includes(type)));
    const faults = [
      ...(types.length > 0 ? [`${plural('type', 'types', types.length)} ${quoted(types)}`] : []),
      ...(options.some((o) => o?.user) ? ['user may not be set'] : []), ...(options.some((o) => o?.role) ? ['role may not be set'] : []),
    ];
    return { reason: 'seLinuxOptions', detail: `${setters(isBad(pod), containers)} set forbidden securityContext.seLinuxOptions: ${faults.join('; ')}` };
  },
};

const sysctls: Check = {
  since: 0,
  find({ spec }, minor) {
    const bad = (spec.securityContext?.sysctls ?? []).filter(({ name }) => (SYSCTLS[name] ?? Infinity) > minor || SYSCTLS[name] === undefined).map(({ name }) => name);
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  },
};

const hostProcess: Check = {
  since: 0,
  find({ spec }) {
    const isPod = spec.securityContext?.windowsOptions?.hostProcess === true;
    const bad = containersOf(spec).filter((c) => c.securityContext?.windowsOptions?.hostProcess === true);
    return isPod || bad.length > 0 ? { reason: 'hostProcess', detail: `${setters(isPod, bad)} must not set securityContext.windowsOptions.hostProcess=true` } : undefined;
  },
};

export const capabilities: Check = {
  since: 0,
  find({ spec }) {
    const added = (c: Container): readonly string[] => (c.securityContext?.capabilities?.add ?? []).filter((name) => !CAPABILITIES.has(name));
    const bad = containersOf(spec).filter((c) => added(c).length > 0);
    return bad.length === 0 ? undefined : { reason: 'non-default capabilities', detail: `${containerNames(bad)} must not include ${quoted(unique(bad.flatMap(added)))} in securityContext.capabilities.add` };
  },
};

export const hostPaths: Check = {
  since: 0,
  find({ spec }) {
    const names = (spec.volumes ?? []).filter((volume) => volume.hostPath !== undefined).map(({ name }) => name);
    return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: `${plural('volume', 'volumes', names.length)} ${quoted(names)}` };
  },
};

const seccompAnnotations: Check = {
  since: 0, until: 19,
  find({ metadata, spec }) {
    const keys = [SECCOMP_POD, ...containersOf(spec).map(({ name }) => SECCOMP_CONTAINER + name)];
    const isAllowed = (value: string): boolean => value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');
    const bad = unique(keys.flatMap((key) => { const value = metadata.annotations?.[key]; return value === undefined || isAllowed(value) ? [] : [`${key}=${JSON.stringify(value)}`]; }));
    return bad.length === 0 ? undefined : { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', 'annotations', bad.length)} ${bad.join(', ')}` };
  },
};

export const seccomp: Check = { since: 19, find: ({ spec }) => badSeccomp(spec) };

export const isSeccompSafe = (type: string | undefined): boolean => type !== undefined && PROFILES.has(type);

export function badSeccomp(spec: PodSpec): Violation | undefined {
  const isBad = (profile: { readonly type: string } | undefined): boolean => profile !== undefined && !isSeccompSafe(profile.type);
  const pod = spec.securityContext?.seccompProfile;
  const containers = containersOf(spec).filter((c) => isBad(c.securityContext?.seccompProfile));
  if (!isBad(pod) && containers.length === 0) return undefined;
  const values = unique([...(isBad(pod) ? [pod?.type ?? ''] : []), ...containers.map((c) => c.securityContext?.seccompProfile?.type ?? '')]);
  return { reason: 'seccompProfile', detail: `${setters(isBad(pod), containers)} must not set securityContext.seccompProfile.type to ${quoted(values)}` };
}

/** In the order in which Kubernetes tells of them: by the names that it has for them. */
export const BASELINE: readonly Check[] = [
  appArmor, capabilities, hostNamespaces, hostPaths, hostPorts, hostProbes, privileged, procMount, procMountOnHostUsers, seLinux, seccompAnnotations, seccomp, sysctls, hostProcess,
];
