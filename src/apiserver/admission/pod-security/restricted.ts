import type { Container, Volume } from '#api/generated/core/v1.ts';
import { badSeccomp, capabilities as addedCapabilities, hostPaths, isSeccompSafe, procMountOnHostUsers, seccomp as setSeccomp, unmasked } from './baseline.ts';
import { type Check, containerNames, containersOf, plural, quoted, setters, unique } from './check.ts';

const VOLUMES: readonly (keyof Volume)[] = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'persistentVolumeClaim', 'projected', 'secret'];
/** Windows knows neither escalation, capabilities nor seccomp. */
const WINDOWS_EXEMPT_SINCE = 25;
const isExempt = (os: string | undefined, minor: number): boolean => os === 'windows' && minor >= WINDOWS_EXEMPT_SINCE;

const escalation: Check = {
  since: 8,
  find({ spec }, minor) {
    if (isExempt(spec.os?.name, minor)) return undefined;
    const bad = containersOf(spec).filter((c) => c.securityContext?.allowPrivilegeEscalation !== false);
    return bad.length === 0 ? undefined : { reason: 'allowPrivilegeEscalation != false', detail: `${containerNames(bad)} must set securityContext.allowPrivilegeEscalation=false` };
  },
};

const capabilities: Check = {
  since: 22, overrides: [addedCapabilities],
  find({ spec }, minor) {
    if (isExempt(spec.os?.name, minor)) return undefined;
    const added = (c: Container): readonly string[] => (c.securityContext?.capabilities?.add ?? []).filter((name) => name !== 'NET_BIND_SERVICE');
    const keeping = containersOf(spec).filter((c) => !c.securityContext?.capabilities?.drop?.includes('ALL'));
    const adding = containersOf(spec).filter((c) => added(c).length > 0);
    const details = [
      ...(keeping.length > 0 ? [`${containerNames(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
      ...(adding.length > 0 ? [`${containerNames(adding)} must not include ${quoted(unique(adding.flatMap(added)))} in securityContext.capabilities.add`] : []),
    ];
    return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
  },
};

const procMount: Check = { since: 35, overrides: [procMountOnHostUsers], find: ({ spec }) => unmasked(spec) };

const volumes: Check = {
  since: 0, overrides: [hostPaths],
  find({ spec }) {
    const bad = (spec.volumes ?? []).filter((volume) => !VOLUMES.some((source) => volume[source] !== undefined));
    const types = unique(bad.map((volume) => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown'));
    if (bad.length === 0) return undefined;
    const detail = `${plural('volume', 'volumes', bad.length)} ${quoted(bad.map(({ name }) => name))} ${plural('uses', 'use', bad.length)} ${plural('restricted volume type', 'restricted volume types', types.length)} ${quoted(types)}`;
    return { reason: 'restricted volume types', detail };
  },
};

const nonRoot: Check = {
  since: 0,
  find({ spec }) {
    const pod = spec.securityContext?.runAsNonRoot;
    const refusing = containersOf(spec).filter((c) => c.securityContext?.runAsNonRoot === false);
    const reason = 'runAsNonRoot != true';
    if (pod === false || refusing.length > 0) return { reason, detail: `${setters(pod === false, refusing)} must not set securityContext.runAsNonRoot=false` };
    const silent = pod === true ? [] : containersOf(spec).filter((c) => c.securityContext?.runAsNonRoot === undefined);
    return silent.length === 0 ? undefined : { reason, detail: `pod or ${containerNames(silent)} must set securityContext.runAsNonRoot=true` };
  },
};

const user: Check = {
  since: 23,
  find({ spec }) {
    const isPod = spec.securityContext?.runAsUser === 0;
    const bad = containersOf(spec).filter((c) => c.securityContext?.runAsUser === 0);
    return isPod || bad.length > 0 ? { reason: 'runAsUser=0', detail: `${setters(isPod, bad)} must not set runAsUser=0` } : undefined;
  },
};

const seccomp: Check = {
  since: 19, overrides: [setSeccomp],
  find({ spec }, minor) {
    if (isExempt(spec.os?.name, minor)) return undefined;
    const bad = badSeccomp(spec);
    if (bad !== undefined || isSeccompSafe(spec.securityContext?.seccompProfile?.type)) return bad;
    const silent = containersOf(spec).filter((c) => c.securityContext?.seccompProfile === undefined);
    return silent.length === 0 ? undefined : { reason: 'seccompProfile', detail: `pod or ${containerNames(silent)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"` };
  },
};

export const RESTRICTED: readonly Check[] = [escalation, capabilities, procMount, volumes, nonRoot, user, seccomp];
