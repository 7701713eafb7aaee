import type { PolicyRule } from '#api/generated/rbac/v1.ts';
import { EVENTS_RULE, READ, rule } from './rules.ts';

/** Roles of Kubernetes' controllers for volumes, addresses, devices and versions: whoever brings such a controller finds its role. */
export const PLATFORM_CONTROLLER_RULES: Readonly<Record<string, readonly PolicyRule[]>> = {
  'attachdetach-controller': [
    rule('list,watch', 'core', 'persistentvolumeclaims,persistentvolumes'), rule(READ, 'core', 'nodes'), rule('patch,update', 'core', 'nodes/status'), rule('list,watch', 'core', 'pods'), EVENTS_RULE,
    rule('create,delete,get,list,watch', 'storage.k8s.io', 'volumeattachments'), rule(READ, 'storage.k8s.io', 'csidrivers'), rule(READ, 'storage.k8s.io', 'csinodes'),
  ],
  'device-taint-eviction-controller': [
    rule('get,list,watch,delete', 'core', 'pods'), rule('update,patch', 'core', 'pods/status'), rule(READ, 'resource.k8s.io', 'resourceclaims'), rule(READ, 'resource.k8s.io', 'resourceslices'),
    rule(READ, 'resource.k8s.io', 'deviceclasses'), rule(READ, 'resource.k8s.io', 'devicetaintrules'), rule('update,patch', 'resource.k8s.io', 'devicetaintrules/status'), EVENTS_RULE,
  ],
  'endpointslicemirroring-controller': [
    rule(READ, 'core', 'services,endpoints'), rule('update', 'core', 'services/finalizers'), rule('update', 'core', 'endpoints/finalizers'),
    rule('get,list,watch,create,update,delete', 'discovery.k8s.io', 'endpointslices'), EVENTS_RULE,
  ],
  'ephemeral-volume-controller': [rule(READ, 'core', 'pods'), rule('update', 'core', 'pods/finalizers'), rule('get,list,watch,create', 'core', 'persistentvolumeclaims'), EVENTS_RULE],
  'expand-controller': [
    rule('get,list,watch,update,patch', 'core', 'persistentvolumes'), rule('update,patch', 'core', 'persistentvolumeclaims/status'), rule(READ, 'core', 'persistentvolumeclaims'), EVENTS_RULE,
    rule('get', 'core', 'services'),
  ],
  'legacy-service-account-token-cleaner': [rule('get', 'core', 'configmaps', 'kube-apiserver-legacy-service-account-token-tracking'), rule('patch,delete', 'core', 'secrets')],
  'persistent-volume-binder': [
    rule('get,list,watch,update,create,delete', 'core', 'persistentvolumes'), rule('update', 'core', 'persistentvolumes/status'), rule('get,list,watch,update', 'core', 'persistentvolumeclaims'),
    rule('update', 'core', 'persistentvolumeclaims/status'), rule('list,watch,get,create,delete', 'core', 'pods'), rule(READ, 'storage.k8s.io', 'storageclasses'),
    rule('list,watch', 'core', 'nodes'), EVENTS_RULE, rule('watch', 'core', 'events'), rule('get', 'core', 'services'),
  ],
  'pv-protection-controller': [rule('get,list,watch,update', 'core', 'persistentvolumes'), EVENTS_RULE],
  'pvc-protection-controller': [rule('get,list,watch,update', 'core', 'persistentvolumeclaims'), rule(READ, 'core', 'pods'), EVENTS_RULE],
  'resource-claim-controller': [
    rule(READ, 'core', 'pods'), rule('update', 'core', 'pods/finalizers'), rule('get,list,watch,create,delete', 'resource.k8s.io', 'resourceclaims'),
    rule('update,patch', 'resource.k8s.io', 'resourceclaims,resourceclaims/binding,resourceclaims/status'), rule('update,patch', 'core', 'pods/status'), EVENTS_RULE,
  ],
  'route-controller': [rule('list,watch', 'core', 'nodes'), rule('patch', 'core', 'nodes/status'), EVENTS_RULE],
  'selinux-warning-controller': [
    rule(READ, 'core', 'persistentvolumeclaims,persistentvolumes'), rule(READ, 'core', 'pods'), rule(READ, 'storage.k8s.io', 'csidrivers'), EVENTS_RULE,
  ],
  'service-cidrs-controller': [
    rule('get,list,watch,patch,update', 'networking.k8s.io', 'servicecidrs'), rule('patch,update', 'networking.k8s.io', 'servicecidrs/finalizers'), rule('patch,update', 'networking.k8s.io', 'servicecidrs/status'),
    rule(READ, 'networking.k8s.io', 'ipaddresses'), EVENTS_RULE,
  ],
  'service-controller': [rule(READ, 'core', 'services'), rule('patch,update', 'core', 'services/status'), rule('list,watch', 'core', 'nodes'), EVENTS_RULE],
  'ttl-controller': [rule('update,patch,list,watch', 'core', 'nodes'), EVENTS_RULE],
  'validatingadmissionpolicy-status-controller': [
    rule(READ, 'admissionregistration.k8s.io', 'validatingadmissionpolicies'), rule('get,patch,update', 'admissionregistration.k8s.io', 'validatingadmissionpolicies/status'), EVENTS_RULE,
  ],
  'volumeattributesclass-protection-controller': [
    rule(READ, 'core', 'persistentvolumeclaims'), rule(READ, 'core', 'persistentvolumes'), rule('get,list,watch,update', 'storage.k8s.io', 'volumeattributesclasses'), EVENTS_RULE,
  ],
};
