import { always, because, degradedIf, field, healthyIf, isFalse, isTrue, isUnknown, phases, progressingIf, READY, READY_IF_ANY, says, suspendedIf, type Clauses } from './clauses.ts';

/** Kinds that Kubernetes and Headway have built in, as `<kind>.<group>`; those that need code have files of their own. */
export const BUILT_IN: Readonly<Record<string, Clauses>> = {
  'Node.': READY,
  'PersistentVolume.': phases('status.phase', { healthy: /^(Available|Bound|Released)$/, degraded: /^Failed$/ }),
  // One that has not acted yet keeps nobody from working.
  'HorizontalPodAutoscaler.autoscaling': [degradedIf(isFalse('AbleToScale'), isFalse('ScalingActive', { reasons: /^(?!ScalingDisabled$)/ })), healthyIf(always)],
  'PodDisruptionBudget.policy': [degradedIf(isFalse('DisruptionAllowed', { reasons: /^SyncFailed$/ })), healthyIf(says('status.observedGeneration'))],
  'CronJob.batch': [suspendedIf(field('spec.suspend', true)), healthyIf(always)],
  'CertificateSigningRequest.certificates.k8s.io': [
    degradedIf(isTrue('Denied'), isTrue('Failed')), healthyIf(says('status.certificate')), progressingIf(isTrue('Approved')), suspendedIf(because('it waits for its approval')),
  ],
  'CustomResourceDefinition.apiextensions.k8s.io': [
    progressingIf(isTrue('Terminating')), degradedIf(isFalse('NamesAccepted'), isTrue('NonStructuralSchema'), isFalse('Established', { reasons: /^(?!Installing$)/ })), healthyIf(isTrue('Established')),
  ],
  'APIService.apiregistration.k8s.io': [healthyIf(isTrue('Available')), progressingIf(isFalse('Available'), isUnknown('Available'))],
  'FlowSchema.flowcontrol.apiserver.k8s.io': [degradedIf(isTrue('Dangling')), healthyIf(always)],
  'ServiceCIDR.networking.k8s.io': READY_IF_ANY,
  'ValidatingAdmissionPolicy.admissionregistration.k8s.io': [degradedIf(says('status.typeChecking.expressionWarnings.warning')), healthyIf(always)],

  'Repository.headway.dev': READY,
  'ApplicationSet.headway.dev': [suspendedIf(says('status.pending.revision')), ...READY],
  'Project.headway.dev': READY_IF_ANY,
  // What an Application waits for is no fault of it, and no reason to warn of its parent.
  'Application.headway.dev': [
    degradedIf(isFalse('Synced', { reasons: /^(?!Drifted$|Progressing$|DependencyMissing$|DependencyNotReady$|SyncWindowClosed$|NotRequested$|OutOfSync$|AwaitingKinds$)/ }), isFalse('Healthy', { reasons: /^(?!Progressing$|Suspended$|Missing$)/ })),
    suspendedIf(isFalse('Synced', { reasons: /^(?:SyncWindowClosed|NotRequested)$/ }), isFalse('Healthy', { reasons: /^Suspended$/ })), progressingIf(isFalse('Synced', { reasons: /^(?!OutOfSync$)/ }), isFalse('Healthy'), isUnknown('Synced')), healthyIf(isTrue('Healthy')),
  ],
};
