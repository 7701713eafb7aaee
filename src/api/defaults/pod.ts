import { withoutAnnotations } from './annotations.ts';
import { inBothForms } from './both-forms.ts';
import { chain, type Default, each, fill, fillZero, filling, forEach, inside, memberOf, ofSpec, within } from './fill.ts';
import { withPodResources } from './pod-resources.ts';
import { fieldRefDefaults, pullPolicy } from './references.ts';
import { RESOURCES, roundedUp } from './resource-lists.ts';
import { volumeDefaults } from './volume.ts';
import type { JsonObject } from '#api/json.ts';

const GRACE_PERIOD_SECONDS = 30;
const SPEC = {
  dnsPolicy: 'ClusterFirst', restartPolicy: 'Always', securityContext: {}, terminationGracePeriodSeconds: GRACE_PERIOD_SECONDS, schedulerName: 'default-scheduler',
};
const CONTAINER_LISTS = ['containers', 'initContainers', 'ephemeralContainers'] as const;
const CONTAINER = { resources: {}, terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' };
const PROBE = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };

const httpGetDefaults = inside('httpGet', filling({ path: '/', scheme: 'HTTP' }));
const probeDefaults: Default = (probe) => within(httpGetDefaults(fillZero(probe, PROBE)), 'grpc', filling({ service: '' }));
const lifecycleDefaults = chain(inside('postStart', httpGetDefaults), inside('preStop', httpGetDefaults));
const envDefaults = inside('valueFrom', chain(fieldRefDefaults, inside('fileKeyRef', filling({ optional: false }))));

/** What a pod spec gets wherever it stands: in a pod and in a template. */
const podSpecDefaults: Default = (spec) => {
  let result = within(within(serviceAccount(fill(spec, SPEC)), 'overhead', roundedUp), 'resources', RESOURCES);
  for (const list of CONTAINER_LISTS) result = each(result, list, containerDefaults);
  return each(result, 'volumes', volumeDefaults);
};

/** What init containers were written as before they had a field. */
const withoutInitContainers = withoutAnnotations(['init-containers', 'init-container-statuses'].flatMap((name) => [`pod.beta.kubernetes.io/${name}`, `pod.alpha.kubernetes.io/${name}`]));

export const podTemplateDefaults: Default = (template) => withoutInitContainers(inside('spec', podSpecDefaults)(fill(template, { metadata: {}, spec: {} })));

/** What only a pod gets: templates stay as they were written. */
export const podDefaults: Default = (pod) => within(withPodSpec(withoutInitContainers(pod)), 'status', inBothForms('podIP', 'podIPs', { read: (entry) => memberOf({ entry }, 'entry')['ip'], write: (ip) => ({ ip }) }));

const withPodSpec: Default = ofSpec((spec) => {
  let result = fill(podSpecDefaults(spec), { enableServiceLinks: true });
  result = each(each(result, 'containers', requestsFromLimits), 'initContainers', requestsFromLimits);
  result = withPodResources(result);
  return result['hostNetwork'] === true ? each(each(result, 'containers', hostPorts), 'initContainers', hostPorts) : result;
});

/** The field has an old name under which clients still read and write it. */
function serviceAccount(spec: JsonObject): JsonObject {
  const name = spec['serviceAccountName'] || spec['serviceAccount'];
  if (!name || (spec['serviceAccount'] === name && spec['serviceAccountName'] === name)) return spec;
  return { ...spec, serviceAccountName: name, serviceAccount: name };
}

const containerDefaults: Default = (container) => {
  let result = container['imagePullPolicy'] ? container : fill(container, { imagePullPolicy: pullPolicy(container['image']) });
  result = each(fill(result, CONTAINER), 'ports', PROTOCOL);
  result = within(each(result, 'env', envDefaults), 'lifecycle', lifecycleDefaults);
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) result = within(result, probe, probeDefaults);
  return within(result, 'resources', RESOURCES);
};

export const PROTOCOL = filling({ protocol: 'TCP' });

const requestsFromLimits: Default = (container) => within(container, 'resources', (resources) => {
  const limits = memberOf(resources, 'limits');
  const requests = memberOf(resources, 'requests');
  const all = { ...limits, ...requests };
  return Object.keys(all).length === Object.keys(requests).length ? resources : { ...resources, requests: all };
});

const hostPorts = forEach('ports', (port) => fillZero(port, { hostPort: port['containerPort'] }));
