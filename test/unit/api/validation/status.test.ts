import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { validateUpdate } from '#api/validation/index.ts';

const POLICIES = resources.BUILT_IN_RESOURCES.find(({ kind }) => kind === 'ValidatingAdmissionPolicy') as ResourceType;
const container = { name: 'c', image: 'i' };
const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } };
const workload = { selector: { matchLabels: { a: 'b' } }, template };
const JOB = { template: { spec: { containers: [container], restartPolicy: 'Never' } } };
const INDEXED = { ...JOB, completionMode: 'Indexed', completions: 5, parallelism: 2, backoffLimitPerIndex: 1 };
const POD = { containers: [container, { name: 'rules', image: 'i', restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [3] } }] }], initContainers: [{ name: 'side', image: 'i', restartPolicy: 'Always' }], restartPolicy: 'OnFailure' };
const BAD_LABEL = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const BAD_NAME = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const SERVICE = { type: 'LoadBalancer', ports: [{ port: 80 }] };

/** What the change of the status from one to the other breaks. */
function written(resource: ResourceType, spec: object, status: object, before: object = {}): readonly string[] {
  const build = (part: object): KubeObject => applyDefaults(resource, { apiVersion: 'x', kind: resource.kind, metadata: { name: 'a', ...(resource.namespaced ? { namespace: 'n' } : {}) }, spec, status: part } as unknown as KubeObject);
  return validateUpdate(resource, build(status), build(before), 'status').map(({ field, message }) => `${field}: ${message}`);
}

const condition = (type: string): object => ({ type, status: 'True' });
const told = { type: 'A', status: 'True', reason: 'B', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' };
const START = { startTime: '2026-01-01T00:00:00Z' };
const COMPLETE = { ...START, completionTime: '2026-01-01T00:01:00Z', conditions: [condition('SuccessCriteriaMet'), condition('Complete')] };
const ended = (name: string, exitCode: number): object => ({ name, state: { terminated: { exitCode } } });
const running = (name: string): object => ({ name, state: { running: {} } });

for (const [name, resource, spec, status, before] of [
  ['a deployment that rolls', resources.DEPLOYMENTS, workload, { replicas: 3, updatedReplicas: 1, readyReplicas: 2, availableReplicas: 2, unavailableReplicas: 1, collisionCount: 1 }, { collisionCount: 1 }],
  ['a job that starts', resources.JOBS, JOB, { ...START, active: 1 }, {}],
  ['a job that completes', resources.JOBS, JOB, { ...COMPLETE, succeeded: 1 }, { ...START, active: 1 }],
  ['a job that goes on after it was suspended', resources.JOBS, JOB, { startTime: '2026-01-02T00:00:00Z', conditions: [{ type: 'Suspended', status: 'False' }] }, { ...START, conditions: [condition('Suspended')] }],
  ['a suspended job that needs no pod', resources.JOBS, { ...JOB, suspend: true, completions: 0 }, { completionTime: '2026-01-01T00:01:00Z', conditions: [condition('SuccessCriteriaMet'), condition('Complete')] }, {}],
  ['a suspended job that starts again', resources.JOBS, { ...JOB, suspend: true }, { startTime: '2026-01-02T00:00:00Z' }, START],
  ['an indexed job', resources.JOBS, INDEXED, { ...START, completedIndexes: '0,2-3', failedIndexes: '1' }, START],
  ['an elastic job that shrank', resources.JOBS, { ...INDEXED, parallelism: 5 }, { ...START, succeeded: 1 }, { ...START, succeeded: 3 }],
  ['containers that may come back', resources.PODS, POD, { containerStatuses: [running('c'), running('rules')], initContainerStatuses: [running('side')] }, { containerStatuses: [ended('c', 1), ended('rules', 3)], initContainerStatuses: [ended('side', 0)] }],
  ['addresses of both families', resources.PODS, POD, { podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }], hostIP: '10.1.0.1', hostIPs: [{ ip: '10.1.0.1' }] }, {}],
  ['what happened before the change', resources.JOBS, JOB, { ...START, active: 2, failed: 1, conditions: [condition('Failed')] }, { ...START, active: 2, conditions: [condition('Failed')] }],
] as const) test(`the status of ${name} is taken`, (t) => t.deepEqual(written(resource, spec, status, before), []));

for (const [resource, spec, status, before, ...expected] of [
  [resources.DEPLOYMENTS, workload, { unavailableReplicas: -1 }, {}, 'status.unavailableReplicas: Invalid value: -1: must be greater than or equal to 0'],
  [resources.DEPLOYMENTS, workload, { replicas: 1, readyReplicas: 1, availableReplicas: 2 }, {}, 'status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas', 'status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas'],
  [resources.DEPLOYMENTS, workload, {}, { collisionCount: 2 }, 'status.collisionCount: Invalid value: 0: cannot be decremented'],
  [resources.REPLICA_SETS, workload, { replicas: 1, fullyLabeledReplicas: 2 }, {}, 'status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than status.replicas'],
  [resources.REPLICATION_CONTROLLERS, { template }, { replicas: 1, readyReplicas: 2 }, {}, 'status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas'],
  [resources.STATEFUL_SETS, workload, { replicas: 1, currentReplicas: 2 }, {}, 'status.currentReplicas: Invalid value: 2: cannot be greater than status.replicas'],
  [resources.DAEMON_SETS, workload, { numberReady: -1 }, {}, 'status.numberReady: Invalid value: -1: must be greater than or equal to 0'],
  [resources.JOBS, JOB, { uncountedTerminatedPods: { succeeded: ['u', ''], failed: ['u'] } }, {}, 'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty', 'status.uncountedTerminatedPods.failed[0]: Duplicate value: "u"'],
  [resources.JOBS, JOB, { conditions: [condition('Complete')] }, {}, 'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition', 'status.completionTime: Required value: completionTime is required for Complete jobs', 'status.startTime: Required value: startTime is required for finished job'],
  [resources.JOBS, JOB, { ...COMPLETE, conditions: [condition('Complete'), condition('Failed')] }, {}, 'status.conditions: Invalid value: cannot set Complete=True and Failed=true conditions', 'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition',
    'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition'],
  [resources.JOBS, JOB, { ...START, conditions: [condition('Failed')] }, START, 'status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition'],
  [resources.JOBS, JOB, { ...COMPLETE, terminating: 1 }, START, 'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job'],
  [resources.JOBS, JOB, { ...COMPLETE, uncountedTerminatedPods: { failed: ['u'] } }, START, 'status.uncountedTerminatedPods: Invalid value: {"failed":["u"]}: must be empty for finished job'],
  [resources.JOBS, JOB, { ...START, active: 1, ready: 2 }, START, 'status.ready: Invalid value: 2: cannot set more ready pods than active'],
  [resources.JOBS, JOB, { ...COMPLETE, active: 1 }, {}, 'status.active: Invalid value: 1: active>0 is invalid for finished job'],
  [resources.JOBS, JOB, { ...START, completionTime: '2026-01-01T00:01:00Z' }, START, 'status.completionTime: Invalid value: "2026-01-01T00:01:00Z": cannot set completionTime when there is no Complete=True condition'],
  [resources.JOBS, JOB, { ...COMPLETE, completionTime: '2025-01-01T00:00:00Z' }, START, 'status.completionTime: Invalid value: "2025-01-01T00:00:00Z": must be equal to or after `startTime`'],
  [resources.JOBS, JOB, { ...COMPLETE, completionTime: '2026-01-01T00:02:00Z' }, COMPLETE, 'status.completionTime: Invalid value: "2026-01-01T00:02:00Z": field is immutable'],
  [resources.JOBS, JOB, { startTime: '2026-01-02T00:00:00Z' }, START, 'status.startTime: Invalid value: "2026-01-02T00:00:00Z": field is immutable for unsuspended job once set'],
  [resources.JOBS, JOB, {}, START, 'status.startTime: Invalid value: null: field is immutable for unsuspended job once set'],
  [resources.JOBS, JOB, START, { ...START, conditions: [condition('FailureTarget')] }, 'status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition'],
  [resources.JOBS, JOB, { ...START, failed: 1, succeeded: 1 }, { ...START, failed: 2, succeeded: 2 }, 'status.failed: Invalid value: 1: cannot decrease the failed counter', 'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter'],
  [resources.JOBS, INDEXED, { completedIndexes: '0-2', failedIndexes: '2,4' }, {}, 'status.failedIndexes: Invalid value: "2,4": failedIndexes and completedIndexes overlap at index: 2'],
  [resources.JOBS, INDEXED, { completedIndexes: '5' }, {}, 'status.completedIndexes: Invalid value: "5": error parsing completedIndexes: too large index: "5"'],
  [resources.JOBS, JOB, { failedIndexes: '1' }, {}, 'status.failedIndexes: Invalid value: "1": cannot set non-null failedIndexes when backoffLimitPerIndex is null'],
  [resources.PODS, POD, { qosClass: 'Guaranteed' }, { qosClass: 'BestEffort' }, 'status.qosClass: Invalid value: "Guaranteed": field is immutable'],
  [resources.PODS, POD, { containerStatuses: [running('c')] }, { containerStatuses: [ended('c', 0)] }, 'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  [resources.PODS, POD, { resourceClaimStatuses: [{ name: 'x' }] }, {}, 'status.resourceClaimStatuses[0].name: Invalid value: "x": must match the name of an entry in `spec.resourceClaims`'],
  [resources.PODS, POD, { containerStatuses: [running('rules')] }, { containerStatuses: [ended('rules', 0)] }, 'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  [resources.PODS, POD, { containerStatuses: [running('stranger')] }, { containerStatuses: [ended('stranger', 1)] }, 'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state'],
  [resources.PODS, POD, { observedGeneration: -1, conditions: [{ ...condition('x y'), observedGeneration: -1 }] }, {}, 'status.conditions[0].observedGeneration: Invalid value: -1: must be a non-negative integer', `status.conditions[0].Type: Invalid value: "x y": ${BAD_NAME}`, 'status.observedGeneration: Invalid value: -1: must be a non-negative integer'],
  [resources.PODS, { ...POD, nodeName: 'm' }, { nominatedNodeName: 'n' }, {}, 'status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node'],
  [resources.PODS, POD, { podIPs: [{ ip: 'x' }, { ip: '10.0.0.2' }] }, {}, 'status.podIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)', 'status.podIPs: Internal error: failed to check for dual stack with error:invalid IP[0]: x', 'status.podIPs: Invalid value: [{"IP":"x"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family'],
  [resources.PODS, POD, { containerStatuses: [{ name: 'c', allocatedResourcesStatus: [{ name: 'a.b/c', resources: [{ resourceID: '1', health: 'x' }, { resourceID: '1', health: 'Healthy' }] }] }] }, {}, "status.containerStatuses[0].allocatedResourcesStatus[0].name: Invalid value: \"a.b/c\": must match one of the container's resource requests", 'status.containerStatuses[0].allocatedResourcesStatus[0].resources[0].health: Unsupported value: "x": supported values: "Healthy", "Unhealthy", "Unknown"', 'status.containerStatuses[0].allocatedResourcesStatus[0].resources[1].resourceID: Duplicate value: "1"'],
  [resources.PODS, POD, { extendedResourceClaimStatus: { requestMappings: [{ containerName: 'c', resourceName: 'a.b/c', requestName: 'R' }], resourceClaimName: '' } }, {}, 'status.extendedResourceClaimStatus.requestMappings[0].resourceName: Invalid value: "a.b/c": must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests', `status.extendedResourceClaimStatus.requestName: Invalid value: "R": ${BAD_LABEL}`, 'status.extendedResourceClaimStatus.resourceClaimName: Required value'],
  [resources.PODS, POD, { podIPs: [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }] }, {}, 'status.podIPs: Invalid value: [{"IP":"10.0.0.1"},{"IP":"10.0.0.2"}]: may specify no more than one IP for each IP family'],
  [resources.PODS, POD, { hostIP: '10.0.0.1', hostIPs: [{ ip: '10.0.0.2' }] }, {}, 'status.hostIPs[0].ip: Invalid value: "10.0.0.2": must be equal to `hostIP`'],
  [resources.SERVICES, { ports: [{ port: 80 }] }, { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } }, {}, "status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` is 'LoadBalancer'"],
  [resources.SERVICES, SERVICE, { loadBalancer: { ingress: [{ hostname: 'a.example', ipMode: 'VIP' }] } }, {}, 'status.loadBalancer.ingress[0].ipMode: Forbidden: may not be specified when `ip` is not set'],
  [resources.SERVICES, SERVICE, { loadBalancer: { ingress: [{ ip: '10.0.0.1', ipMode: 'x' }] } }, {}, 'status.loadBalancer.ingress[0].ipMode: Unsupported value: "x": supported values: "Proxy", "VIP"'],
  [resources.NAMESPACES, {}, { phase: 'Terminating' }, {}, "status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty"],
  [resources.POD_DISRUPTION_BUDGETS, {}, { conditions: [{ ...told, reason: '1' }, { ...told, status: 'x' }] }, {}, 'status.conditions[1].type: Duplicate value: "A"',
    "status.conditions[0].reason: Invalid value: \"1\": a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')",
    'status.conditions[1].status: Unsupported value: "x": supported values: "False", "True", "Unknown"'],
  [POLICIES, {}, { conditions: [{ type: 'A', status: 'True' }], typeChecking: { expressionWarnings: [{}] } }, {}, 'status.typeChecking.expressionWarnings[0].warning: Required value', 'status.typeChecking.expressionWarnings[0].fieldRef: Required value',
    'status.conditions[0].lastTransitionTime: Required value', 'status.conditions[0].reason: Required value'],
  [resources.RESOURCE_QUOTAS, {}, { used: { pods: '1.5' } }, {}, 'status.used[pods]: Invalid value: "1.5": must be an integer'],
  [resources.API_SERVICES, {}, { conditions: [{ type: 'Available', status: 'Yes' }] }, {}, 'status.conditions[0].status: Unsupported value: "Yes": supported values: "True", "False", "Unknown"'],
] as const) test(`a status is refused: ${resource.kind} ${JSON.stringify(status)}`, (t) => t.deepEqual(written(resource, spec, status, before), [...expected]));
